import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HeldVerdict, UNDO_FOR, type GivenVerdict } from './heldVerdict'

const given = (contact_id: string): GivenVerdict => ({ contact_id, version: 1, verdict: 'wrong', field: 'text', comment: null, what: 'Суп', before: null })

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function holding() {
  const sent: string[] = []
  const shown: (string | null)[] = []
  const held = new HeldVerdict((verdict) => sent.push(verdict.contact_id), (now) => shown.push(now?.contact_id ?? null))
  return { sent, shown, held }
}

describe('a verdict that can be undone', () => {
  it('is sent once when the time is over', () => {
    const { sent, shown, held } = holding()
    held.give(given('a'))
    vi.advanceTimersByTime(UNDO_FOR - 1)
    expect(sent).toEqual([])
    vi.advanceTimersByTime(1)
    expect([sent, shown]).toEqual([['a'], ['a', null]])
    held.flush()
    expect(held.undo()).toBeNull()
    expect(sent).toEqual(['a'])
  })

  it('is sent at once when the next one comes or the page is left', () => {
    const { sent, held } = holding()
    held.give(given('a'))
    held.give(given('b'))
    expect(sent).toEqual(['a'])
    held.flush()
    vi.runAllTimers()
    expect(sent).toEqual(['a', 'b'])
  })

  it('is never sent after it was undone', () => {
    const { sent, shown, held } = holding()
    held.give(given('a'))
    expect(held.undo()).toEqual(given('a'))
    vi.runAllTimers()
    expect([sent, shown]).toEqual([[], ['a', null]])
  })
})
