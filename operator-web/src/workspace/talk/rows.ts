import type { Contact, LifeStep, Message } from '@/client'
import type { Sending } from '@/live/outbox'
import type { Talk } from '@/live/talk'
import { dayKey } from '@/locales/format'

/** One line of the talk, as it is shown from top to bottom. */
export type LogRow =
  | { key: string; kind: 'earlier' }
  | { key: string; kind: 'day'; at: string }
  | { key: string; kind: 'life'; step: LifeStep }
  | { key: string; kind: 'message'; message: Message; opens: boolean; closes: boolean }
  | { key: string; kind: 'partial'; partial: Talk['partials'][string] }
  | { key: string; kind: 'sending'; sending: Sending }

const TOGETHER = 5 * 60_000 // turns of one writer within this time stand as one group

export function logRows(talk: Talk, sendings: Sending[]): LogRow[] {
  const { contact } = talk
  const rows: LogRow[] = contact.earlier ? [{ key: 'earlier', kind: 'earlier' }] : []
  let day = ''
  for (const entry of inOrder(contact)) {
    const its = dayKey(entry.at, contact.time_zone ?? null)
    if (its !== day) {
      day = its
      rows.push({ key: `day-${day}`, kind: 'day', at: entry.at })
    }
    if ('state' in entry) rows.push({ key: `life-${entry.seq}`, kind: 'life', step: entry })
    else rows.push({ key: entry.id, kind: 'message', message: entry, opens: true, closes: true })
  }
  group(rows)
  for (const [id, partial] of Object.entries(talk.partials)) rows.push({ key: `partial-${id}`, kind: 'partial', partial })
  for (const sending of sendings) rows.push({ key: `sending-${sending.key}`, kind: 'sending', sending })
  return rows
}

/** Messages and steps of the life cycle by seq; steps older than the first message held wait for that page. */
function inOrder({ messages, life, earlier }: Contact): (Message | LifeStep)[] {
  const from = earlier && messages[0] ? messages[0].seq : 0
  return [...messages, ...life.filter((step) => step.seq >= from)].sort((a, b) => a.seq - b.seq)
}

function group(rows: LogRow[]): void {
  for (let n = 1; n < rows.length; n += 1) {
    const above = rows[n - 1]!
    const below = rows[n]!
    if (above.kind !== 'message' || below.kind !== 'message' || !together(above.message, below.message)) continue
    above.closes = false
    below.opens = false
  }
}

function together(a: Message, b: Message): boolean {
  return a.author === b.author && a.operator?.id === b.operator?.id && (a.kind === 'note') === (b.kind === 'note') && Date.parse(b.at) - Date.parse(a.at) < TOGETHER
}
