import { describe, expect, it } from 'vitest'
import { dayOf, midnight, spanOf, stepOf, stepsOf } from './period'

const now = Date.parse('2026-11-25T20:02:00Z')

describe('a period', () => {
  it('begins with the day of the city, not of the reader or of UTC', () => {
    expect(dayOf(now, 'Asia/Almaty')).toBe('2026-11-26')
    expect(spanOf({ preset: 'today' }, now, 'Asia/Almaty')).toEqual({ from: '2026-11-25T19:00:00.000Z', to: '2026-11-25T20:05:00.000Z' })
    expect(spanOf({ preset: 'today' }, now, 'Europe/Moscow')).toEqual({ from: '2026-11-24T21:00:00.000Z', to: '2026-11-25T20:05:00.000Z' })
    expect(spanOf({ preset: '7d' }, now, 'Europe/Moscow').from).toBe('2026-11-18T21:00:00.000Z')
  })

  it('holds both days of one’s own whole, and ends with now', () => {
    expect(spanOf({ preset: 'own', first: '2026-11-01', last: '2026-11-02' }, now, 'Asia/Tashkent')).toEqual({ from: '2026-10-31T19:00:00.000Z', to: '2026-11-02T19:00:00.000Z' })
    expect(spanOf({ preset: 'own', first: '2026-11-25', last: '2026-12-02' }, now, 'Asia/Tashkent').to).toBe('2026-11-25T20:05:00.000Z')
  })

  it('knows midnight where the clock is changed on that very day', () => {
    expect(midnight('2026-10-25', 'Europe/Berlin')).toBe(Date.parse('2026-10-24T22:00:00Z'))
    expect(midnight('2026-10-26', 'Europe/Berlin')).toBe(Date.parse('2026-10-25T23:00:00Z'))
  })

  it('is the same while five minutes run', () => {
    expect(spanOf({ preset: '24h' }, now, null)).toEqual(spanOf({ preset: '24h' }, now + 179_000, null))
    expect(spanOf({ preset: '24h' }, now, null)).not.toEqual(spanOf({ preset: '24h' }, now + 181_000, null))
  })
})

describe('a step', () => {
  it('is one that leaves points to see, neither four nor thousands', () => {
    expect(stepsOf(spanOf({ preset: '24h' }, now, null))).toEqual(['5m', '15m', '1h'])
    expect(stepsOf(spanOf({ preset: '7d' }, now, 'Europe/Moscow'))).toEqual(['15m', '1h', '1d'])
    expect(stepsOf(spanOf({ preset: '30d' }, now, 'Europe/Moscow'))).toEqual(['1h', '1d', '1w'])
  })

  it('is the one asked for where it fits, else the usual one', () => {
    const week = spanOf({ preset: '7d' }, now, 'Europe/Moscow')
    expect([stepOf({ preset: '7d' }, '1d', week), stepOf({ preset: '7d' }, '5m', week), stepOf({ preset: '7d' }, null, week)]).toEqual(['1d', '1h', '1h'])
    const own = { preset: 'own', first: '2025-01-01', last: '2025-12-31' } as const
    expect(stepOf(own, null, spanOf(own, now, null))).toBe('1w')
    const night = Date.parse('2026-11-25T21:02:00Z')
    expect(stepOf({ preset: 'today' }, null, spanOf({ preset: 'today' }, night, 'Europe/Moscow'))).toBe('5m')
  })
})
