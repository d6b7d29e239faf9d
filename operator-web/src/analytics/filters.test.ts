import { describe, expect, it } from 'vitest'
import type { LocationQuery } from 'vue-router'
import type { TrendAlert } from '@/client'
import { filtersOf, isOf, partOf, queryOf } from './filters'

const city = '0198c1b2-0000-7000-8000-000000000001'
const restaurant = '0198c1b2-0000-7000-8000-000000000002'

describe('filters in the address', () => {
  it('come back as they were written', () => {
    const query = { period: '30d', step: '1d', topic: 'complaint.payment', city, restaurant, channel: 'call', tables: '1' }
    expect(queryOf(filtersOf(query))).toEqual(query)
    const own = { period: 'own', first: '2026-11-01', last: '2026-11-07' }
    expect(queryOf(filtersOf(own))).toEqual(own)
  })

  it('leave out what names nothing', () => {
    const filters = filtersOf({ period: 'ever', step: '2h', topic: 'complaint.everything', city: 'Алматы', channel: ['call', 'site'], tables: 'yes', other: '1' })
    expect(queryOf(filters)).toEqual({})
    expect(partOf(filters)).toEqual({})
  })

  it('take days of one’s own only where both are days, and the earlier first', () => {
    expect(filtersOf({ period: 'own', first: '2026-11-09', last: '2026-11-02' }).period).toEqual({ preset: 'own', first: '2026-11-02', last: '2026-11-09' })
    expect(filtersOf({ period: 'own', first: '2026-11-09' }).period).toEqual({ preset: '7d' })
    for (const first of ['2026-13-09', '2026-02-30', '0202-11-01']) expect(filtersOf({ period: 'own', first, last: '2026-11-02' }).period, first).toEqual({ preset: '7d' })
  })

  it('are asked for as the server names them', () => {
    expect(partOf(filtersOf({ city, restaurant, topic: 'order.status', step: '1h' }))).toEqual({ topic: 'order.status', city_id: city, restaurant_id: restaurant })
  })

  it('leave the alerts of that part only', () => {
    const alert = { topic: 'complaint.payment', city: { id: city, name: 'Алматы' }, channel: null } as unknown as TrendAlert
    const queries: LocationQuery[] = [{}, { city }, { city, topic: 'complaint.payment' }, { topic: 'order.status' }, { channel: 'call' }]
    expect(queries.map((query) => isOf(filtersOf(query), alert))).toEqual([true, true, true, false, false])
  })
})
