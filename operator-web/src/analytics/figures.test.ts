import { describe, expect, it } from 'vitest'
import { countOf, type ContactSource } from './figures'

/** So many contacts, in pages of the size that is asked for. */
const of = (all: number): ContactSource => async (cursor, limit = 50) => {
  const from = Number(cursor ?? 0)
  const to = Math.min(all, from + limit)
  return { items: Array.from({ length: to - from }), next: to < all ? String(to) : null } as unknown as Awaited<ReturnType<ContactSource>>
}

describe('the contacts behind a figure', () => {
  it('are counted over all pages', async () => {
    expect(await countOf(of(0))).toEqual({ n: 0, more: false })
    expect(await countOf(of(100))).toEqual({ n: 100, more: false })
    expect(await countOf(of(230))).toEqual({ n: 230, more: false })
  })

  it('are not counted to the end where there are very many', async () => {
    expect(await countOf(of(2000))).toEqual({ n: 2000, more: false })
    expect(await countOf(of(5000))).toEqual({ n: 2000, more: true })
  })
})
