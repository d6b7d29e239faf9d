import { beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import type { TrendAlert } from '@/client'
import { useEndedAlerts } from './ended'
import { filtersOf, type Filters } from './filters'

type Answer = { data: { items: TrendAlert[]; next?: string }; response: { ok: boolean } }
const { calls } = vi.hoisted(() => ({ calls: [] as { query: Record<string, unknown>; answer: (answer: Answer) => void }[] }))
vi.mock('@/client', () => ({ trendsListAlerts: ({ query }: { query: Record<string, unknown> }) => new Promise<Answer>((answer) => calls.push({ query, answer })) }))
vi.mock('@/client/client.gen', () => ({ client: { setConfig: () => {} } }))

const settled = () => new Promise((done) => setTimeout(done))
const day = (hour: string) => ({ from: `2026-11-25T${hour}:00.000Z`, to: `2026-11-26T${hour}:00.000Z` })

async function answered(call: number, ids: string[], next?: string): Promise<void> {
  calls[call]!.answer({ data: { items: ids.map((id) => ({ id }) as TrendAlert), next }, response: { ok: true } })
  await settled()
}

beforeEach(() => void calls.splice(0))

function listed() {
  const filters = ref<Filters>(filtersOf({ period: '24h' }))
  const span = ref(day('12:00'))
  const ended = effectScope().run(() => useEndedAlerts(filters, span, () => 0))!
  return { filters, span, ended, ids: () => ended.items.value.map(({ id }) => id) }
}

describe('alerts that have ended', () => {
  it('stand while the period moves on, and are asked for as far as they were read', async () => {
    const { span, ended, ids } = listed()
    await answered(0, ['d', 'c'], 'one')
    void ended.more()
    await answered(1, ['b', 'a'], 'two')
    span.value = day('12:05')
    await nextTick()
    expect(ids()).toEqual(['d', 'c', 'b', 'a'])
    await answered(2, ['e', 'd'], 'three')
    await answered(3, ['c', 'b'], 'four')
    expect([calls.length, calls[3]!.query.cursor, ids(), ended.hasMore.value]).toEqual([4, 'three', ['e', 'd', 'c', 'b'], true])
  })

  it('leave with the filters that found them, and their cursor with them', async () => {
    const { filters, ended, ids } = listed()
    await answered(0, ['a'], 'one')
    filters.value = filtersOf({ period: '24h', topic: 'order.status' })
    await nextTick()
    expect([ids(), ended.hasMore.value, calls.length]).toEqual([[], false, 2])
  })
})
