import { assert, property, string, array, constantFrom } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wordDiff, type Marked } from './wordDiff'

/** `same [removed] {added}` */
const shown = (pieces: Marked[]) => pieces.map(({ kind, text }) => (kind === 'same' ? text : kind === 'removed' ? `[${text}]` : `{${text}}`)).join('')

describe('two texts word by word', () => {
  it('mark whole words and whole numbers', () => {
    expect(shown(wordDiff('Обещали вернуть 1,50 сегодня.', 'Обещали вернуть 1,75 завтра.'))).toBe('Обещали вернуть [1,50 сегодня]{1,75 завтра}.')
    expect(shown(wordDiff('Buyurtma keltirilmadi, soʻrov bor', 'Buyurtma keltirildi, soʻrovi bor'))).toBe('Buyurtma [keltirilmadi]{keltirildi}, [soʻrov]{soʻrovi} bor')
    expect(shown(wordDiff('Промокод из-за задержки', 'Промокод по-за задержки'))).toBe('Промокод [из-за]{по-за} задержки')
  })

  it('mark what was only added or only taken out, and lines of a list', () => {
    expect(shown(wordDiff('Суп не привезли', 'Суп и хлеб не привезли'))).toBe('Суп {и хлеб }не привезли')
    expect(shown(wordDiff('', 'вернула деньги'))).toBe('{вернула деньги}')
    expect(shown(wordDiff('вернула деньги', ''))).toBe('[вернула деньги]')
    expect(shown(wordDiff('извинилась', 'извинилась\nвернула деньги'))).toBe('извинилась{\nвернула деньги}')
    expect(wordDiff('', '')).toEqual([])
  })

  it('have one piece where they are the same, and two where they are strangers', () => {
    expect(wordDiff('Суп остыл.', 'Суп остыл.')).toEqual([{ kind: 'same', text: 'Суп остыл.' }])
    const far = (from: number) => `${Array.from({ length: 1500 }, (_, n) => `w${from + n}`).join(',')} суп`
    expect(wordDiff(far(0), far(9000).replaceAll(',', ';')).map(({ kind }) => kind)).toEqual(['removed', 'added'])
  })

  it('lose and invent nothing', () => {
    const texts = array(constantFrom('суп', 'хлеб', ' ', '  ', '\n', ',', '1,5', 'oʻn', '\u00a0', '😡')).map((parts) => parts.join(''))
    const keeps = (before: string, after: string) => {
      const pieces = wordDiff(before, after)
      const without = (kind: Marked['kind']) => pieces.filter((piece) => piece.kind !== kind).map(({ text }) => text).join('')
      expect([without('added'), without('removed')]).toEqual([before, after])
    }
    assert(property(texts, texts, keeps))
    assert(property(string({ unit: 'binary' }), string({ unit: 'binary' }), keeps))
  })
})
