import { describe, expect, it } from 'vitest'
import type { Country, Holiday, TrendCity } from '@/client'
import { bounds, canBeTakenOut, countryOf, yearsAround } from './holidays'

describe('holidays', () => {
  it('are of the chosen city’s country, else of the one that most cities are in', () => {
    const city = (id: string, country: Country): TrendCity => ({ id, country, name: id, zone: 'UTC' })
    const cities = [city('a', 'ru'), city('b', 'kz'), city('c', 'kz')]
    expect([countryOf(cities, 'a'), countryOf(cities, null), countryOf(cities, 'gone'), countryOf([], null)]).toEqual(['ru', 'kz', 'kz', 'ru'])
  })

  it('can be looked at and added five years before and after today', () => {
    expect(yearsAround('2026-11-26')).toEqual([2021, 2022, 2023, 2024, 2025, 2026, 2027, 2028, 2029, 2030, 2031])
    expect(bounds('2026-11-26')).toEqual({ min: '2021-11-26', max: '2031-11-26' })
    expect(bounds('2028-02-29')).toEqual({ min: '2023-02-28', max: '2033-02-28' })
  })

  it('are taken out where the calendar has them and nobody has said anything in the country', () => {
    const said = (country: Country | null) => ({ id: 's', country, date: '2027-07-06', kind: 'added' as const, name: 'x', at: '', by: { id: 'p', name: 'p' } })
    const calendar = { feast: 'capital_day' as const, source: 'kz_holidays_law' as const, expected: false }
    const day = (change: Partial<Holiday>): Holiday => ({ date: '2027-07-06', kept: true, calendar, own: [], ...change })
    expect(canBeTakenOut(day({}), 'kz')).toBe(true)
    expect(canBeTakenOut(day({ own: [said(null)] }), 'kz')).toBe(true)
    expect([day({ kept: false }), day({ calendar: null }), day({ own: [said('kz')] })].map((one) => canBeTakenOut(one, 'kz'))).toEqual([false, false, false])
  })
})
