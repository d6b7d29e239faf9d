import { describe, expect, it } from 'vitest'
import type { Suggestion, Template } from '@/client'
import { emptyShelf, nextShelf } from './shelf'
import { fitting } from './templates'

const template = (shortcut: string, change: Partial<Template> = {}): Template => ({ id: shortcut, shortcut, title: shortcut, language: 'ru', body: `Текст ${shortcut}`, variables: [], topics: [], ...change })
const suggestion = (id: string, as_of_seq: number): Suggestion => ({ id, kind: 'reply', text: id, evidence: [], as_of_seq })

describe('templates', () => {
  const all = [template('время'), template('замена'), template('уақыт', { language: 'kk' }), template('счёт', { topics: ['complaint.payment'] })]

  it('are found by shortcut first, then by their text, without regard to ё', () => {
    expect(fitting(all, 'зам', { language: 'ru', topic: null }).map(({ id }) => id)).toEqual(['замена'])
    expect(fitting(all, 'счет', { language: 'ru', topic: null }).map(({ id }) => id)).toEqual(['счёт'])
    expect(fitting(all, 'нет такого', { language: 'ru', topic: null })).toEqual([])
  })

  it('put the customer’s language and the topic first', () => {
    expect(fitting(all, '', { language: 'kk', topic: null })[0]?.id).toBe('уақыт')
    expect(fitting(all, '', { language: 'ru', topic: { value: 'complaint.payment', score: 1 } })[0]?.id).toBe('счёт')
  })
})

describe('the shelf', () => {
  it('does not change a suggestion under the hand', () => {
    const first = nextShelf(emptyShelf(), [suggestion('a', 5)], 5)
    expect(nextShelf(first, [suggestion('a', 5), suggestion('b', 6)], 5).reply?.id).toBe('a')
  })

  it('takes the newer one when the customer has written again, or the shown one is gone', () => {
    const first = nextShelf(emptyShelf(), [suggestion('a', 5)], 5)
    expect(nextShelf(first, [suggestion('a', 5), suggestion('b', 8)], 7).reply?.id).toBe('b')
    expect(nextShelf(first, [suggestion('b', 6)], 5).reply?.id).toBe('b')
    expect(nextShelf(first, [], 5).reply).toBeNull()
  })
})
