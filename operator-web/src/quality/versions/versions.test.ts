import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { SummaryVersion } from '@/client'
import { allVersions, baseOf } from './versions'

const { pages, asked } = vi.hoisted(() => ({ pages: [] as { items: unknown[]; next?: string | null }[], asked: [] as unknown[] }))
vi.mock('@/client', () => ({
  listSummaryVersions: (call: unknown) => {
    asked.push(call)
    return Promise.resolve({ data: pages.shift(), response: { ok: true } })
  },
}))
vi.mock('@/client/client.gen', () => ({ client: { setConfig: () => {} } }))

const version = (number: number, name?: string) => ({ version: number, by: name ? { id: name, name } : null }) as SummaryVersion

beforeEach(() => void asked.splice(0))

describe('versions of a summary', () => {
  it('are fetched to the last page', async () => {
    pages.push({ items: [version(3), version(2)], next: '2' }, { items: [version(1)], next: null })
    expect((await allVersions('c')).map((one) => one.version)).toEqual([3, 2, 1])
    expect(asked).toEqual([undefined, '2'].map((cursor) => ({ path: { id: 'c' }, query: { limit: 100, cursor } })))
  })

  it('are laid over the one before or over the words of the model', () => {
    const all = [version(5, 'anna'), version(4, 'boris'), version(3), version(2, 'anna'), version(1)]
    expect(baseOf(all, all[0]!, 'before')).toBe(all[1])
    expect(baseOf(all, all[0]!, 'model')).toBe(all[2])
    expect(baseOf(all, all[2]!, 'model')).toBe(all[4])
    expect(baseOf(all, all[4]!, 'before')).toBeNull()
    expect(baseOf(all, all[4]!, 'model')).toBeNull()
  })
})
