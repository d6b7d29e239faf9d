import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pieces } from './evidence'

const sentence = (start: number, end: number, ...turns: number[]) => ({ start, end, turns })

describe('the sentences of a summary', () => {
  it('keep the turns they rest on, counted in Unicode scalar values', () => {
    const cut = pieces('😡 Суп остыл. Вернули 690 рублей.', [sentence(2, 12, 0, 2), sentence(13, 32, 5)])
    expect(cut).toEqual([
      { text: '😡 ', turns: [] },
      { text: 'Суп остыл.', turns: [0, 2] },
      { text: ' ', turns: [] },
      { text: 'Вернули 690 рублей.', turns: [5] },
    ])
  })

  it('give the whole text back, whatever a version says of their places', () => {
    const places = fc.array(fc.record({ start: fc.nat(40), end: fc.nat(40), turns: fc.array(fc.nat(9)) }))
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 30 }), places, (text, sentences) => {
      expect(pieces(text, sentences).map((piece) => piece.text).join('')).toBe(text)
    }))
  })
})
