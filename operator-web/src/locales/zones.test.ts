import { describe, expect, it } from 'vitest'
import { dayKey, isElsewhere } from './format'

describe('hours of a city', () => {
  it('begin a day where the customer is, not where the operator sits', () => {
    expect(dayKey('2026-11-25T18:59:00Z', 'Asia/Almaty')).toBe('Wed Nov 25 2026')
    expect(dayKey('2026-11-25T19:01:00Z', 'Asia/Almaty')).toBe('Thu Nov 26 2026')
    expect(dayKey('2026-11-25T20:59:00Z', 'Europe/Moscow')).toBe('Wed Nov 25 2026')
  })

  it('are named only where they differ from the reader’s', () => {
    const now = Date.parse('2026-11-25T12:00:00Z')
    expect(isElsewhere(null, now)).toBe(false)
    expect(isElsewhere(Intl.DateTimeFormat().resolvedOptions().timeZone, now)).toBe(false)
    expect(['Asia/Almaty', 'America/New_York'].some((zone) => isElsewhere(zone, now))).toBe(true)
  })
})
