import type { Message, NewMessage } from '@/client'

/**
 * waiting: not sent yet, the line is cut. sending: asked, no answer yet. unknown: the answer never came; only the
 * operator repeats it, with the same key, so the server can tell. stale: held back, newer messages exist.
 * refused: the server said no. accepted: stored; shown until the contact's own stream brings the message.
 */
export type SendState = 'waiting' | 'sending' | 'unknown' | 'stale' | 'refused' | 'accepted'

export interface Sending {
  /** Idempotency-Key of the request: the same for every try of this text. */
  key: string
  contact_id: string
  body: NewMessage
  /** The contact's seq when the text was written: its message can only come after it. */
  after: number
  at: string
  state: SendState
  problem: string | null
  newer: Message[]
  accepted: { id: string; seq: number } | null
}

export function newSending(key: string, contact_id: string, body: NewMessage, after: number, at: string, connected: boolean): Sending {
  return { key, contact_id, body, after, at, state: connected ? 'sending' : 'waiting', problem: null, newer: [], accepted: null }
}

/** What a reload finds: a request that was on its way has an unknown fate. */
export function restored(kept: Sending[]): Sending[] {
  return kept.map((sending) => (sending.state === 'sending' ? { ...sending, state: 'unknown' } : sending))
}

/** Drops what the contact's stream shows by now: the message itself takes the place of the sending. */
export function withoutShown(sendings: Sending[], contactId: string, shownSeq: number): Sending[] {
  return sendings.filter(
    (sending) => sending.contact_id !== contactId || sending.state !== 'accepted' || (sending.accepted?.seq ?? 0) > shownSeq,
  )
}

/**
 * The sendings of one contact that its own stream does not show yet. The stream often brings a message before the
 * request is answered; until then it is known by its writer, its words and its place, each message standing for one sending.
 */
export function notShown(sendings: Sending[], messages: Message[], operatorId: string): Sending[] {
  const taken = new Set<string>()
  return sendings.filter((sending) => {
    const message = messages.find(({ id, seq, operator, text }) =>
      sending.accepted ? id === sending.accepted.id : seq > sending.after && operator?.id === operatorId && text === sending.body.text && !taken.has(id),
    )
    if (message) taken.add(message.id)
    return !message
  })
}

const KEY = 'okno.outbox.'

export function keepOutbox(operatorId: string, sendings: Sending[]): void {
  try {
    if (sendings.length > 0) localStorage.setItem(KEY + operatorId, JSON.stringify(sendings))
    else localStorage.removeItem(KEY + operatorId)
  } catch {
    // the browser's storage is full or closed: the outbox lives as long as the page
  }
}

export function readOutbox(operatorId: string): Sending[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY + operatorId) ?? '[]')
    return Array.isArray(kept) ? restored(kept as Sending[]) : []
  } catch {
    return []
  }
}
