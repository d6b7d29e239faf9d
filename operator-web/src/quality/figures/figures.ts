import { useI18n } from 'vue-i18n'
import type { SummaryFigures } from '@/client'
import { useFormat } from '@/locales/format'
import type { Filters } from '../filters'

/** A figure as it is shown; its name and its formula stand in the locales under `id`. */
export interface ShownFigure {
  id: 'confirmed' | 'edited' | 'median' | 'mean' | 'correct' | 'wrong' | 'incomplete'
  unit: 'share' | 'characters'
  /** None: there is nothing to take it from. */
  value: number | null
  /** Summaries that it is taken from. */
  n: number
  /** What the list is to be narrowed to, further, to show what stands behind it. */
  behind: Partial<Filters>
}

/** Those that stand beside the list; the others are one step away. */
export const FIRST: readonly ShownFigure['id'][] = ['confirmed', 'edited', 'median', 'correct']

export function shownFigures(figures: SummaryFigures): ShownFigure[] {
  const { n, confirmed, confirmed_edited, edited, correct, wrong, incomplete } = figures
  const judged = correct + wrong + incomplete
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : null)
  const verdicts = { correct, wrong, incomplete }
  return [
    { id: 'confirmed', unit: 'share', value: share(confirmed, n), n, behind: { confirmed: true } },
    { id: 'edited', unit: 'share', value: share(confirmed_edited, confirmed), n: confirmed, behind: { confirmed: true, edited: true } },
    { id: 'median', unit: 'characters', value: figures.median_distance ?? null, n: edited, behind: { edited: true } },
    { id: 'mean', unit: 'characters', value: figures.mean_distance ?? null, n: edited, behind: { edited: true } },
    ...(['correct', 'wrong', 'incomplete'] as const).map((id): ShownFigure => ({ id, unit: 'share', value: share(verdicts[id], judged), n: judged, behind: { verdict: id, unjudged: false } })),
  ]
}

/** The value of a figure as it is read. */
export function useFigureValue() {
  const { t } = useI18n()
  const { number, share } = useFormat()
  return ({ value, unit }: ShownFigure): string => (value === null ? '—' : unit === 'share' ? share(value) : t('quality.figures.characters', { n: number(value, 1) }))
}
