import { beforeEach, describe, expect, it } from 'vitest'
import { keepDraft, laterDraft, readDraft } from './drafts'
import { backOff } from './backOff'
import type { Message } from '@/client'
import { keepOutbox, newSending, notShown, readOutbox, withoutShown } from './outbox'

const body = { text: 'Везём', seen_seq: 3 }
const sending = () => newSending('k1', 'c1', body, 3, '2026-11-25T09:30:00Z', true)

beforeEach(() => localStorage.clear())

describe('the outbox', () => {
  it('knows after a reload that a request on its way has an unknown fate, under the same key', () => {
    keepOutbox('me', [sending()])
    expect(readOutbox('me')).toMatchObject([{ key: 'k1', state: 'unknown' }])
    expect(readOutbox('somebody else')).toEqual([])
  })

  it('leaves a text that never left waiting', () => {
    keepOutbox('me', [newSending('k2', 'c1', body, 3, '2026-11-25T09:30:00Z', false)])
    expect(readOutbox('me')).toMatchObject([{ state: 'waiting' }])
  })

  it('is not shown beside the message that it became, even before the answer, and one message stands for one text', () => {
    const message = (id: string, seq: number, operator = 'me') => ({ id, seq, operator: { id: operator, name: '' }, text: 'Везём' }) as Message
    const twice = [sending(), { ...sending(), key: 'k2' }]
    expect(notShown(twice, [message('m4', 4)], 'me').map(({ key }) => key)).toEqual(['k2'])
    expect(notShown(twice, [message('m4', 4), message('m5', 5)], 'me')).toEqual([])
    expect(notShown(twice, [message('m3', 3), message('m6', 6, 'somebody else')], 'me')).toHaveLength(2)
  })

  it('shows an accepted text until the contact’s own stream does', () => {
    const accepted = { ...sending(), state: 'accepted' as const, accepted: { id: 'm', seq: 7 } }
    expect(withoutShown([accepted], 'c1', 6)).toEqual([accepted])
    expect(withoutShown([accepted], 'c2', 9)).toEqual([accepted])
    expect(withoutShown([accepted], 'c1', 7)).toEqual([])
  })
})

describe('a draft', () => {
  it('is the copy written last, and words win over nothing', () => {
    const here = { text: 'здесь', saved_at: '2026-11-25T09:30:02Z' }
    const there = { text: 'там', saved_at: '2026-11-25T09:30:01Z' }
    expect(laterDraft(here, there)).toBe(here)
    expect(laterDraft(there, here)).toBe(here)
    expect(laterDraft(null, there)).toBe(there)
    expect(laterDraft({ text: '', saved_at: '2026-11-25T09:30:09Z' }, there)).toBe(there)
  })

  it('survives in the browser until it is sent', () => {
    keepDraft('c1', 'Сейчас', '2026-11-25T09:30:00Z')
    expect(readDraft('c1')?.text).toBe('Сейчас')
    keepDraft('c1', '', '2026-11-25T09:30:01Z')
    expect(readDraft('c1')).toBeNull()
  })
})

describe('the back-off', () => {
  it('doubles up to half a minute, half of it by chance', () => {
    expect(backOff(0, 0)).toBe(250)
    expect(backOff(0, 1)).toBe(500)
    expect(backOff(3, 1)).toBe(4000)
    expect(backOff(50, 0)).toBe(15_000)
  })
})
