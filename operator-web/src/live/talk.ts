import type { Contact, ContactReading, ContactState, Message, MessageReading, Person, Step, SummaryView } from '@/client'
import type { ContactFrame, FrameOf, PassingFrame } from './frames'

/** The step that usually leads to a state, where the server names none. */
const LED_TO: Record<ContactState, Step> = { queued: 'opened', offered: 'offered', active: 'taken', held: 'held', wrap_up: 'finished', closed: 'closed', abandoned: 'abandoned' }

/** One open contact as the page holds it. `contact.seq` is the last seq whose effect it shows. */
export interface Talk {
  contact: Contact
  /** Position of the last words that are shown: a message, or the customer's edit of one. */
  saidSeq: number
  /** Who is typing until when (milliseconds since the epoch). */
  typing: Record<'customer' | 'operator', { name: string | null; until: number } | null>
  /** Colleagues who have it open. */
  readers: Person[]
  /** Unfinished transcript segments of a call, by segment. */
  partials: Record<string, FrameOf<'partial'>['data']>
  /** What happened so far. None: nothing is written yet; undefined: nobody has asked. */
  summary: SummaryView | null | undefined
}

export function openTalk(contact: Contact): Talk {
  return { contact, saidSeq: contact.seq, typing: { customer: null, operator: null }, readers: [], partials: {}, summary: undefined }
}

/** Applies one frame of the contact's gap-free stream. Frames must come in order, each once. */
export function applyFrame(talk: Talk, frame: ContactFrame): void {
  const { contact } = talk
  switch (frame.type) {
    case 'message':
      insert(contact.messages, frame.data.message)
      talk.saidSeq = frame.seq
      endPartials(talk, frame.data.message)
      break
    case 'message_changed': {
      const at = contact.messages.findIndex((known) => known.id === frame.data.message.id)
      if (frame.data.message.edited_at !== contact.messages[at]?.edited_at) talk.saidSeq = frame.seq
      if (at >= 0) contact.messages[at] = keepReading(frame.data.message, contact.messages[at])
      break
    }
    case 'insight':
      applyReading(contact, frame.data.message_id ?? null, frame.data.reading)
      break
    case 'state':
      Object.assign(contact, frame.data.contact)
      contact.life.push({ seq: frame.seq, state: frame.data.state, step: frame.data.step ?? LED_TO[frame.data.state], at: frame.data.contact.state_since, by: frame.data.by ?? null })
      break
    case 'verdict':
      applyVerdict(contact, frame.data)
      break
    case 'suggestion':
      contact.suggestions = [...contact.suggestions.filter((known) => known.id !== frame.data.suggestion.id), frame.data.suggestion]
      break
    case 'summary':
      takeSummary(talk, frame.data)
      break
    case 'read':
    case 'skip':
      break
  }
  contact.seq = throughOf(frame)
}

export function throughOf(frame: ContactFrame): number {
  return frame.type === 'skip' ? Math.max(frame.seq, frame.data.to) : frame.seq
}

export function applyPassing(talk: Talk, frame: PassingFrame): void {
  if (frame.type === 'typing') talk.typing[frame.data.who === 'operator' ? 'operator' : 'customer'] = { name: frame.data.name ?? null, until: Date.parse(frame.data.until) }
  else if (frame.type === 'readers') talk.readers = frame.data.readers
  else talk.partials[frame.data.segment_id] = frame.data
}

/** A summary from a frame or an answer, whichever comes first: an older version never takes a newer one's place. */
export function takeSummary(talk: Talk, summary: SummaryView | null): void {
  const known = talk.summary
  if (known && (!summary || summary.version < known.version)) return
  talk.summary = summary
}

/** Older messages from `GET …/messages`, in any order; those already held are left as they are. */
export function addEarlier(contact: Contact, older: Message[], earlier: string | null): void {
  const known = new Set(contact.messages.map((message) => message.id))
  contact.messages = [...older.filter((message) => !known.has(message.id)), ...contact.messages].sort((a, b) => a.seq - b.seq)
  contact.earlier = earlier
}

function insert(messages: Message[], message: Message): void {
  const same = messages.findIndex((known) => known.id === message.id)
  if (same >= 0) {
    messages[same] = keepReading(message, messages[same])
    return
  }
  let at = messages.length
  while (at > 0 && messages[at - 1]!.seq > message.seq) at -= 1
  messages.splice(at, 0, message)
}

/** A message frame written before its insight must not take away the reading that is already shown. */
function keepReading(message: Message, known: Message | undefined): Message {
  return message.reading || !known?.reading ? message : { ...message, reading: known.reading }
}

function applyReading(contact: Contact, messageId: string | null, reading: MessageReading | ContactReading): void {
  if (messageId !== null) {
    const message = contact.messages.find((known) => known.id === messageId)
    if (message && !(message.reading && message.reading.as_of_seq > reading.as_of_seq)) message.reading = reading as MessageReading
    return
  }
  if (contact.reading && contact.reading.as_of_seq > reading.as_of_seq) return
  contact.reading = reading as ContactReading
  contact.topic = reading.topics[0] ?? null
  contact.class = reading.class
  contact.sentiment = reading.sentiment
  contact.urgency = reading.urgency
  contact.language = reading.language.value
}

function applyVerdict(contact: Contact, { subject }: FrameOf<'verdict'>['data']): void {
  // a corrected reading comes as an insight of its own
  if ('suggestion_id' in subject) contact.suggestions = contact.suggestions.filter((known) => known.id !== subject.suggestion_id)
}

function endPartials(talk: Talk, message: Message): void {
  if (message.kind !== 'segment' || !message.segment) return
  const { speaker, end_ms } = message.segment
  for (const [id, partial] of Object.entries(talk.partials)) {
    if (partial.speaker === speaker && partial.start_ms <= end_ms) delete talk.partials[id]
  }
}
