import type { TrendFormula, TrendPoint } from '@/client'
import { contactsOfPoint, contactsOfSpan, type Figure, type FigureKind } from './figures'
import type { Part } from './filters'
import type { Step } from './period'

/** A series as it stands on the page, as a chart or as a table. */
export interface Drawn {
  name: string
  part: Part
  step: Step
  from: string
  to: string
  points: readonly TrendPoint[]
  n: number
  /** Whether such a series is judged in this step; if not, it is only counted. */
  judged: boolean
  formula?: TrendFormula
}

/** Why nothing is said of what was to be expected in a step. */
export const unjudged = ({ judged }: Drawn, { gap }: TrendPoint): string => (gap ? 'trends.gap' : judged ? 'trends.not_judged' : 'trends.never_judged')

/** The figure of one step of a series. */
export function pointFigure({ name, part, step, from, to, formula }: Drawn, kind: FigureKind, value: string, point: TrendPoint, when: string): Figure {
  return { kind, value, of: `${name}; ${when}`, n: point.n, series: { part, step, from, to }, formula, contacts: contactsOfPoint(part, step, point.at) }
}

/** The sum of a series over its period. */
export function sumFigure({ name, part, step, from, to, n, formula }: Drawn, value: string, when: string): Figure {
  return { kind: 'sum', value, of: `${name}; ${when}`, n, series: { part, step, from, to }, formula, contacts: contactsOfSpan(part, step, from, to) }
}
