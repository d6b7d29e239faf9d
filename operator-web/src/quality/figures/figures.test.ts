import { describe, expect, it } from 'vitest'
import type { SummaryFigures } from '@/client'
import { FIRST, shownFigures } from './figures'

const figures: SummaryFigures = { n: 40, most: 10_000, confirmed: 20, confirmed_edited: 5, edited: 8, median_distance: 11.5, mean_distance: 30.25, correct: 6, wrong: 3, incomplete: 1 }

describe('the figures of summaries', () => {
  it('are shares of what they name, each with its own n', () => {
    expect(shownFigures(figures).map(({ id, value, n }) => [id, value, n])).toEqual([
      ['confirmed', 0.5, 40],
      ['edited', 0.25, 20],
      ['median', 11.5, 8],
      ['mean', 30.25, 8],
      ['correct', 0.6, 10],
      ['wrong', 0.3, 10],
      ['incomplete', 0.1, 10],
    ])
  })

  it('are none where there is nothing to take them from', () => {
    const none = { ...figures, n: 0, confirmed: 0, confirmed_edited: 0, edited: 0, median_distance: null, mean_distance: null, correct: 0, wrong: 0, incomplete: 0 }
    expect(shownFigures(none).every(({ value, n }) => value === null && n === 0)).toBe(true)
  })

  it('lead to what stands behind them, out of a list of what nobody judged too', () => {
    expect(shownFigures(figures).find(({ id }) => id === 'wrong')!.behind).toEqual({ verdict: 'wrong', unjudged: false })
    expect(FIRST.every((id) => shownFigures(figures).some((figure) => figure.id === id))).toBe(true)
  })
})
