import type { CardContact } from '@/client'

const DAY = 86_400_000

export interface HistoryDay {
  /** Milliseconds of the day's start. */
  at: number
  chats: number
  calls: number
}

/** The last 30 days, the oldest first, with the contacts that began on each. */
export function lastDays(contacts: CardContact[], now: number, days = 30): HistoryDay[] {
  const today = new Date(now).setHours(0, 0, 0, 0)
  const strip: HistoryDay[] = Array.from({ length: days }, (_, n) => ({ at: new Date(today).setDate(new Date(today).getDate() - (days - 1 - n)), chats: 0, calls: 0 }))
  for (const { opened_at, channel } of contacts) {
    const start = new Date(opened_at).setHours(0, 0, 0, 0)
    const day = strip.find(({ at }) => Math.abs(at - start) < DAY / 2)
    if (!day) continue
    if (channel === 'call') day.calls += 1
    else day.chats += 1
  }
  return strip
}
