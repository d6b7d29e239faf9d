import type { AlignedData } from 'uplot'
import type { TrendPoint } from '@/client'

/** A stretch of points in alarm, by their places in the series. */
export interface Run {
  first: number
  last: number
  /** Where the count stood highest. */
  peak: number
  /** Whether it goes on: nothing calm came after it. */
  open: boolean
}

/** The begin of a step as it reads on a wall of the series' zone, counted as if that were UTC: charts and tables are labelled by it. */
export const wallSeconds = ({ local }: TrendPoint): number => Date.parse(`${local}Z`) / 1000

/** The columns of a chart: seconds, upper, lower and expected value, count. What was not judged is a hole in the band, not a zero. */
export function columnsOf(points: readonly TrendPoint[]): AlignedData {
  return [
    points.map(wallSeconds),
    points.map(({ upper }) => upper ?? null),
    points.map(({ lower }) => lower ?? null),
    points.map(({ expected }) => expected ?? null),
    points.map(({ n, gap }) => (gap ? null : n)),
  ]
}

/** Stretches in which the feed stood still: first and last place of each. */
export function gapsOf(points: readonly TrendPoint[]): [first: number, last: number][] {
  const gaps: [number, number][] = []
  points.forEach(({ gap }, place) => {
    const last = gaps.at(-1)
    if (gap && last && last[1] === place - 1) last[1] = place
    else if (gap) gaps.push([place, place])
  })
  return gaps
}

export function runsOf(points: readonly TrendPoint[]): Run[] {
  const runs: Run[] = []
  points.forEach(({ alert, n }, place) => {
    if (!alert) return
    const run = runs.at(-1)
    if (!run || run.last !== place - 1) {
      runs.push({ first: place, last: place, peak: place, open: false })
      return
    }
    run.last = place
    if (n > points[run.peak]!.n) run.peak = place
  })
  const last = runs.at(-1)
  if (last) last.open = last.last === points.length - 1
  return runs
}

/** The top of the chart: the highest of counts and band with room above it for the marks; never so low that one contact looks like a storm. */
export function topOf(points: readonly TrendPoint[]): number {
  const highest = points.reduce((top, { n, upper }) => Math.max(top, n, upper ?? 0), 0)
  return Math.max(4, highest * 1.18)
}

/** The point that stands highest, the later of equal ones. */
export function highestOf(points: readonly TrendPoint[]): TrendPoint | null {
  return points.reduce<TrendPoint | null>((highest, point) => (highest === null || point.n >= highest.n ? point : highest), null)
}

/** Series in alarm first, then the largest; those in which nothing happened last. All contacts keep their place at the head. */
export function inOrder<S extends { topic?: string | null; n: number; alert_id?: string | null; points: TrendPoint[] }>(series: readonly S[]): S[] {
  const rank = ({ topic, alert_id, points }: S): number => (topic == null ? 0 : alert_id ? 1 : points.some(({ alert }) => alert) ? 2 : 3)
  return [...series].sort((a, b) => rank(a) - rank(b) || b.n - a.n)
}
