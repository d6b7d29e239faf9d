import { beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import type { GivenVerdict } from './heldVerdict'
import { useVerdicts } from './verdicts'

const { answers, said, stale } = vi.hoisted(() => ({ answers: [] as unknown[], said: [] as string[], stale: [] as unknown[] }))
vi.mock('@/client', () => ({ qualityJudgeSummary: () => Promise.resolve(answers.shift()) }))
vi.mock('@/client/client.gen', () => ({ client: { setConfig: () => {} } }))
vi.mock('@/shell/notices', () => ({ useNotices: () => ({ refused: (what: string) => said.push(what) }) }))
vi.mock('@pinia/colada', () => ({ useQueryCache: () => ({ invalidateQueries: ({ key }: { key: unknown }) => stale.push(key) }) }))
vi.mock('vue-i18n', () => ({ useI18n: () => ({ t: (key: string) => key }) }))

const given = (contact_id: string): GivenVerdict => ({ contact_id, version: 1, verdict: 'correct', field: null, comment: null, what: 'Суп, Анна', before: 'wrong' })
const refused = (status: number, code: string) => ({ error: { code, message: '', request_id: '' }, response: { ok: false, status } })
const settled = () => new Promise((done) => setTimeout(done))

beforeEach(() => [answers, said, stale].forEach((list) => list.splice(0)))

function judging() {
  const marks: [string, unknown][] = []
  const scope = effectScope()
  const verdicts = scope.run(() => useVerdicts((id, verdict) => void marks.push([id, verdict])))!
  return { marks, verdicts, leave: () => scope.stop() }
}

describe('a verdict that was held back', () => {
  it('on a summary that somebody changed meanwhile is told, and its summary is without one', async () => {
    const { marks, verdicts } = judging()
    answers.push(refused(409, 'conflict'))
    verdicts.give(given('a'))
    verdicts.give(given('b'))
    await settled()
    expect([verdicts.late.value?.what, said]).toEqual(['Суп, Анна', []])
    expect(marks).toEqual([['a', 'correct'], ['b', 'correct'], ['a', null]])
    expect(stale).toContainEqual(['review', 'a'])
    verdicts.undo()
  })

  it('is told in a notice to who has left the list meanwhile', async () => {
    const { verdicts, leave } = judging()
    answers.push(refused(409, 'conflict'))
    verdicts.give(given('a'))
    leave()
    await settled()
    expect([verdicts.late.value, said]).toEqual([null, ['quality.not_judged']])
  })

  it('that could not be saved gives way to what stood before it', async () => {
    const { marks, verdicts, leave } = judging()
    answers.push(refused(503, 'unavailable'))
    verdicts.give(given('a'))
    leave()
    await settled()
    expect([verdicts.late.value, said]).toEqual([null, ['quality.not_judged']])
    expect(marks.at(-1)).toEqual(['a', 'wrong'])
  })

  it('moves the figures when it is saved', async () => {
    const { marks, verdicts, leave } = judging()
    answers.push({ data: { id: 'v' }, response: { ok: true } })
    verdicts.give(given('a'))
    leave()
    await settled()
    expect([marks, said]).toEqual([[['a', 'correct']], []])
    expect(stale).toEqual([['quality-figures'], ['review', 'a']])
  })
})
