import type { CardContact } from '@/client'
import { dayKey } from '@/locales/format'

const DAY = 86_400_000

export interface HistoryDay {
  /** Midnight of the day, in UTC whatever the zone: a day of the calendar. */
  at: number
  chats: number
  calls: number
}

/** The last 30 days on a wall in `zone` (none: the reader's), the oldest first, with the contacts that began on each. */
export function lastDays(contacts: CardContact[], now: number, zone: string | null, days = 30): HistoryDay[] {
  const dayOf = (at: string | number): number => Date.parse(`${dayKey(at, zone)} UTC`)
  const today = dayOf(now)
  const strip: HistoryDay[] = Array.from({ length: days }, (_, n) => ({ at: today - (days - 1 - n) * DAY, chats: 0, calls: 0 }))
  for (const { opened_at, channel } of contacts) {
    const day = strip[days - 1 - (today - dayOf(opened_at)) / DAY]
    if (!day) continue
    if (channel === 'call') day.calls += 1
    else day.chats += 1
  }
  return strip
}
