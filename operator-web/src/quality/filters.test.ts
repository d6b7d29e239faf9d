import { describe, expect, it } from 'vitest'
import { askedOf, filtersOf, isNarrowed, queryOf } from './filters'

const operator = '0198c1b2-0000-7000-8000-000000000001'

describe('filters in the address', () => {
  it('come back as they were written', () => {
    const query = { topic: 'complaint.payment', operator, outcome: 'promised', verdict: 'wrong', unsure: '1', edited: '1', confirmed: '1', unjudged: '1' }
    expect(queryOf(filtersOf(query))).toEqual(query)
    expect(isNarrowed(filtersOf(query))).toBe(true)
  })

  it('leave out what names nothing', () => {
    const filters = filtersOf({ topic: 'complaint.everything', operator: 'ivan', outcome: ['promised', 'none'], verdict: 'none', unsure: 'yes', other: '1' })
    expect(queryOf(filters)).toEqual({})
    expect(isNarrowed(filters)).toBe(false)
    expect(askedOf(filters)).toEqual({})
  })

  it('are asked for as the server names them', () => {
    expect(askedOf(filtersOf({ operator, unsure: '1', unjudged: '1' }))).toEqual({ operator_id: operator, max_support: 0.7, judged: false })
    expect(askedOf(filtersOf({ topic: 'order.status', verdict: 'incomplete', edited: '1', confirmed: '1' }))).toEqual({ topic: 'order.status', verdict: 'incomplete', edited: true, confirmed: true })
  })
})
