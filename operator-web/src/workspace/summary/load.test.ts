import { beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, shallowRef } from 'vue'
import type { Contact, SummaryView } from '@/client'
import { openTalk, type Talk } from '@/live/talk'
import { useSummary } from './current'

type Answer = { data?: SummaryView; error?: unknown; response: { ok: boolean; status: number } }
const { reads } = vi.hoisted(() => ({ reads: [] as ((answer: Answer) => void)[] }))
const version = (number: number): Answer => ({ data: { contact_id: 'c', version: number } as SummaryView, response: { ok: true, status: 200 } })
vi.mock('@/client', () => ({
  getSummary: () => new Promise<Answer>((answer) => reads.push(answer)),
  editSummary: () => Promise.resolve(version(2)),
}))
vi.mock('@/client/client.gen', () => ({ client: { setConfig: () => {} } }))
vi.mock('@/shell/notices', () => ({ useNotices: () => ({ refused: () => {}, say: () => {} }) }))
vi.mock('vue-i18n', () => ({ useI18n: () => ({ t: (key: string) => key }) }))

const talkOf = (): Talk => openTalk({ id: 'c', seq: 1, messages: [] } as unknown as Contact)
const settled = () => new Promise((done) => setTimeout(done))

beforeEach(() => void reads.splice(0))

describe('the summary of an open contact', () => {
  it('is asked for anew when the contact was fetched anew before it came', async () => {
    const talk = shallowRef(talkOf())
    const { failed } = effectScope().run(() => useSummary(talk))!
    talk.value = talkOf()
    await nextTick()
    reads[0]!({ error: {}, response: { ok: false, status: 503 } })
    await settled()
    expect([reads.length, failed.value]).toEqual([2, false])
    reads[1]!(version(1))
    await settled()
    expect(talk.value.summary?.version).toBe(1)
  })

  it('says which version it saved, though a newer one came before the answer', async () => {
    const talk = shallowRef<Talk>({ ...talkOf(), summary: version(3).data })
    const summary = effectScope().run(() => useSummary(talk))!
    const saved = await summary.save(1, {} as never)
    expect([saved?.version, talk.value.summary?.version]).toEqual([2, 3])
  })
})
