import type { FiguresCompensationFigure, FiguresPromiseFigure, Money, TrendsListGivenContactsData } from '@/client'
import type { GivenKind } from '../figures'

export type Query = TrendsListGivenContactsData['query']
type Behind = Pick<Query, 'of' | 'done' | 'summed' | 'state'>
type CompensationFigure = FiguresCompensationFigure['all']
type PromiseFigure = FiguresPromiseFigure['all']

/** One figure of a row of a table: how much, and which facts stand behind it. */
export interface Shown {
  kind: GivenKind
  n: number
  /** Where the figure is a sum and not a number. */
  sums?: Money[]
  behind: Behind
}

/** What a part is of; none: the whole. */
export type Cut = 'day' | 'type' | 'topic' | 'city' | 'channel'

export function compensation(figure: CompensationFigure): Shown[] {
  const of = 'compensation' as const
  return [
    { kind: 'given', n: figure.n, behind: { of } },
    { kind: 'given_done', n: figure.done, behind: { of, done: true } },
    { kind: 'given_sum', n: figure.n - figure.without_sum, sums: figure.sums, behind: { of, summed: true } },
    { kind: 'given_unsummed', n: figure.without_sum, behind: { of, summed: false } },
  ]
}

export function promises(figure: PromiseFigure): Shown[] {
  const of = 'promises' as const
  return [
    { kind: 'promised', n: figure.n, behind: { of } },
    { kind: 'promise_broken', n: figure.broken, behind: { of, state: 'broken' } },
    { kind: 'promise_no_return', n: figure.no_return, behind: { of, state: 'no_return' } },
    { kind: 'promise_open', n: figure.open, behind: { of, state: 'open' } },
    { kind: 'promise_undated', n: figure.undated, behind: { of, state: 'undated' } },
  ]
}

/** A row of a table; without a key, what has no topic or no city. */
export interface Row {
  key: string | null
  name: string | null
  shown: Shown[]
}

/** What was given or promised, whole and by its parts. */
export interface Given {
  all: Shown[]
  cuts: Record<Cut, Row[]>
}

interface Whole<F> {
  all: F
  days: { day: string; figure: F }[]
  types: Part<F>[]
  topics: Part<F>[]
  cities: Part<F>[]
  channels: Part<F>[]
}
type Part<F> = { key?: string | null; name?: string | null; figure: F }

function given<F>(whole: Whole<F>, shown: (figure: F) => Shown[]): Given {
  const rows = (parts: Part<F>[]): Row[] => parts.map(({ key, name, figure }) => ({ key: key ?? null, name: name ?? null, shown: shown(figure) }))
  return {
    all: shown(whole.all),
    cuts: {
      day: whole.days.map(({ day, figure }) => ({ key: day, name: null, shown: shown(figure) })),
      type: rows(whole.types),
      topic: rows(whole.topics),
      city: rows(whole.cities),
      channel: rows(whole.channels),
    },
  }
}

export const givenOf = (figures: FiguresCompensationFigure): Given => given(figures, compensation)
export const promisedOf = (figures: FiguresPromiseFigure): Given => given(figures, promises)
