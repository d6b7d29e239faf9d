import type { ContactSummary, Urgency } from '@/client'
import type { DeskFrame } from './frames'

/** The contacts that an operator's queue pane holds, by id. */
export interface Desk {
  contacts: Record<string, ContactSummary>
  /** False until the first whole snapshot of a connection. */
  whole: boolean
}

export const emptyDesk = (): Desk => ({ contacts: {}, whole: false })

const RANK: Record<Urgency, number> = { critical: 0, high: 1, normal: 2 }
const MINE = new Set(['offered', 'active', 'held', 'wrap_up'])

export function applyDeskFrame(desk: Desk, frame: DeskFrame): void {
  if (frame.type === 'queue') {
    const all = [...frame.data.mine, ...frame.data.queue]
    desk.contacts = Object.fromEntries(all.map((summary) => [summary.id, newer(desk.contacts[summary.id], summary)]))
    desk.whole = true
  } else if (frame.type === 'contact') {
    upsert(desk, frame.data)
  } else if (frame.type === 'contact_gone') {
    const known = desk.contacts[frame.data.id]
    if (known && known.seq <= frame.data.seq) delete desk.contacts[frame.data.id]
  }
}

export function upsert(desk: Desk, summary: ContactSummary): void {
  desk.contacts[summary.id] = newer(desk.contacts[summary.id], summary)
}

/** Mine in the order they were taken, the oldest first, so that rows do not jump under the hand. */
export function mineOf(desk: Desk, operatorId: string): ContactSummary[] {
  return Object.values(desk.contacts)
    .filter((summary) => MINE.has(summary.state) && summary.operator?.id === operatorId)
    .sort((a, b) => compare(a.opened_at, b.opened_at) || compare(a.id, b.id))
}

/** Waiting contacts in the queue's own order: by urgency, then by how long they wait. */
export function waitingOf(desk: Desk): ContactSummary[] {
  return Object.values(desk.contacts)
    .filter((summary) => summary.state === 'queued')
    .sort((a, b) => rankOf(a) - rankOf(b) || compare(waitsSince(a), waitsSince(b)) || compare(a.id, b.id))
}

export const waitsSince = (summary: ContactSummary): string => summary.waiting_since ?? summary.queued_at

const rankOf = (summary: ContactSummary): number => RANK[summary.urgency?.value ?? 'normal']

function newer(known: ContactSummary | undefined, summary: ContactSummary): ContactSummary {
  return known && known.seq > summary.seq ? known : summary
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
