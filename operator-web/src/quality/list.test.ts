import { beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import type { Finding, SummaryItem, SummaryReview } from '@/client'
import { filtersOf, type Filters } from './filters'
import { useReviewList } from './list'

type Answer = { data: { items: SummaryItem[]; next?: string }; response: { ok: boolean } }
const { calls } = vi.hoisted(() => ({ calls: [] as { query: Record<string, unknown>; answer: (answer: Answer) => void }[] }))
vi.mock('@/client', () => ({ qualityListSummaries: ({ query }: { query: Record<string, unknown> }) => new Promise<Answer>((answer) => calls.push({ query, answer })) }))
vi.mock('@/client/client.gen', () => ({ client: { setConfig: () => {} } }))

const page = (ids: string[], next?: string): Answer => ({ data: { items: ids.map((contact_id) => ({ contact_id }) as SummaryItem), next }, response: { ok: true } })
const settled = () => new Promise((done) => setTimeout(done))

beforeEach(() => void calls.splice(0))

function listed() {
  const filters = ref<Filters>(filtersOf({}))
  const list = effectScope().run(() => useReviewList(filters))!
  return { filters, list, ids: () => list.items.value.map(({ contact_id }) => contact_id) }
}

describe('the list of summaries', () => {
  it('drops the answer to filters that were changed meanwhile', async () => {
    const { filters, list, ids } = listed()
    filters.value = filtersOf({ edited: '1' })
    await nextTick()
    calls[1]!.answer(page(['new']))
    await settled()
    calls[0]!.answer(page(['old']))
    await settled()
    expect([ids(), list.state.value, calls[1]!.query]).toEqual([['new'], 'whole', { edited: true }])
  })

  it('has no more of a list that its filters have left', async () => {
    const { filters, list } = listed()
    calls[0]!.answer(page(['a'], 'cursor'))
    await settled()
    filters.value = filtersOf({ edited: '1' })
    await nextTick()
    await list.more()
    expect([list.hasMore.value, calls.map(({ query }) => query.cursor)]).toEqual([false, [undefined, undefined]])
  })

  it('goes on to the next page by itself, and ends at the end', async () => {
    const { list, ids } = listed()
    calls[0]!.answer(page(['a', 'b'], 'cursor'))
    await settled()
    expect((await list.beside('a', 1))?.contact_id).toBe('b')
    const third = list.beside('b', 1)
    calls[1]!.answer(page(['c']))
    expect((await third)?.contact_id).toBe('c')
    expect([ids(), calls[1]!.query]).toEqual([['a', 'b', 'c'], { cursor: 'cursor' }])
    expect(await list.beside('c', 1)).toBeNull()
    expect(await list.beside('a', -1)).toBeNull()
    expect((await list.beside(null, 1))?.contact_id).toBe('a')
  })

  const judged = (ids: Record<string, Finding | null>, next?: string): Answer => ({ ...page([]), data: { items: Object.entries(ids).map(([contact_id, verdict]) => ({ contact_id, verdict }) as SummaryItem), next } })

  it('goes on to what nobody judged, and past the loaded ones leaves out the rest until it is asked anew', async () => {
    const { filters, list, ids } = listed()
    calls[0]!.answer(judged({ a: null, b: 'wrong', c: 'correct' }, 'cursor'))
    await settled()
    expect((await list.unjudgedAfter(null))?.contact_id).toBe('a')
    const next = list.unjudgedAfter('a')
    calls[1]!.answer(judged({ e: null, g: null }, 'further'))
    expect((await next)?.contact_id).toBe('e')
    expect([calls[1]!.query, list.leapt.value]).toEqual([{ judged: false, cursor: 'cursor' }, 'e'])
    expect((await list.unjudgedAfter('e'))?.contact_id).toBe('g')
    const more = list.more()
    calls[2]!.answer(judged({ h: null }))
    await more
    expect([calls[2]!.query, ids(), list.leapt.value]).toEqual([{ judged: false, cursor: 'further' }, ['a', 'b', 'c', 'e', 'g', 'h'], 'e'])
    expect([await list.unjudgedAfter('h'), list.state.value]).toEqual([null, 'whole'])
    for (const id of ['e', 'g', 'h']) list.mark(id, 'correct')
    expect([await list.unjudgedAfter('b'), calls.length]).toEqual([null, 3])
    filters.value = filtersOf({ edited: '1' })
    await nextTick()
    expect([calls[3]!.query, list.leapt.value]).toEqual([{ edited: true }, null])
  })

  it('knows at once that there is nothing left to judge, and goes on as it stood', async () => {
    const { list, ids } = listed()
    calls[0]!.answer(judged({ a: 'correct' }, 'cursor'))
    await settled()
    const next = list.unjudgedAfter('a')
    calls[1]!.answer(judged({}))
    expect([await next, list.state.value, list.hasMore.value, list.leapt.value]).toEqual([null, 'whole', true, null])
    const more = list.more()
    calls[2]!.answer(judged({ b: 'wrong' }))
    await more
    expect([calls[2]!.query, ids()]).toEqual([{ cursor: 'cursor' }, ['a', 'b']])
  })

  it('leaves out nothing where only what nobody judged is listed', async () => {
    const { filters, list } = listed()
    filters.value = filtersOf({ unjudged: '1' })
    await nextTick()
    calls[1]!.answer(judged({ a: null }, 'cursor'))
    await settled()
    const next = list.unjudgedAfter('a')
    calls[2]!.answer(judged({ b: null }))
    expect([(await next)?.contact_id, calls[2]!.query, list.leapt.value]).toEqual(['b', { judged: false, cursor: 'cursor' }, null])
  })

  it('says that it failed rather than that it ended', async () => {
    const { list } = listed()
    calls[0]!.answer(judged({ a: null }, 'cursor'))
    await settled()
    const next = list.unjudgedAfter('a')
    calls[1]!.answer({ data: { items: [] }, response: { ok: false, status: 500 } as never })
    expect([await next, list.state.value]).toEqual([null, 'failed'])
  })

  it('takes over what somebody changed meanwhile, and never what is older', async () => {
    const { list } = listed()
    calls[0]!.answer({ ...page([]), data: { items: [{ contact_id: 'a', version: 2, verdict: 'correct', edited: false } as SummaryItem] } })
    await settled()
    const review = (version: number) => ({ contact_id: 'a', version, edited: true, distance: 7, verdicts: [{ version: 2, verdict: 'correct' }], account: { summary: { text: 'Суп.', outcome: 'none' }, support: 0.5 } }) as unknown as SummaryReview
    list.take(review(1))
    expect(list.items.value[0]).toMatchObject({ version: 2, verdict: 'correct' })
    list.take(review(3))
    expect(list.items.value[0]).toMatchObject({ version: 3, verdict: null, edited: true, distance: 7 })
  })

  it('keeps what it has when a page fails', async () => {
    const { list, ids } = listed()
    calls[0]!.answer(page(['a'], 'cursor'))
    await settled()
    const more = list.more()
    calls[1]!.answer({ data: { items: [] }, response: { ok: false, status: 500 } as never })
    await more
    expect([ids(), list.state.value, list.hasMore.value]).toEqual([['a'], 'failed', true])
  })
})
