import { describe, expect, it } from 'vitest'
import type { TrendPoint } from '@/client'
import { columnsOf, gapsOf, highestOf, inOrder, runsOf, topOf } from './shape'

const at = (hour: number) => `2026-11-26T${String(hour).padStart(2, '0')}:00:00Z`
const local = (hour: number) => `2026-11-26T${String(hour + 3).padStart(2, '0')}:00:00`
const points = (counts: number[], alarms: number[] = []): TrendPoint[] => counts.map((n, hour) => ({ at: at(hour), local: local(hour), n, expected: 2, lower: 0, upper: 5, p: 0.5, alert: alarms.includes(hour), gap: false, holiday: false }))

describe('a chart', () => {
  it('holds a hole where nothing was judged, not a zero', () => {
    const [x, upper, lower, expected, n] = columnsOf([{ at: at(0), local: local(0), n: 3, expected: null, lower: null, upper: null, p: null, alert: false, gap: false, holiday: false }, ...points([0]).map((point) => ({ ...point, local: local(1) }))])
    expect([x, upper, lower, expected, n]).toEqual([[Date.parse('2026-11-26T03:00:00Z') / 1000, Date.parse('2026-11-26T04:00:00Z') / 1000], [null, 5], [null, 0], [null, 2], [3, 0]])
  })

  it('marks each stretch of alarm once, at its peak', () => {
    expect(runsOf(points([1, 9, 12, 8, 1, 1, 7], [1, 2, 3, 6]))).toEqual([
      { first: 1, last: 3, peak: 2, open: false },
      { first: 6, last: 6, peak: 6, open: true },
    ])
    expect(runsOf(points([1, 2]))).toEqual([])
    expect(runsOf([])).toEqual([])
  })

  it('shows a feed that stood still as a gap, not as zeros', () => {
    const series = points([4, 0, 0, 3, 0]).map((point, hour) => ({ ...point, gap: [1, 2, 4].includes(hour) }))
    expect(columnsOf(series)[4]).toEqual([4, null, null, 3, null])
    expect(gapsOf(series)).toEqual([[1, 2], [4, 4]])
  })

  it('has room above what is highest, and does not make a storm of one contact', () => {
    expect(topOf(points([100]))).toBeCloseTo(118)
    expect(topOf([])).toBe(4)
    expect(topOf(points([1]))).toBeCloseTo(5.9)
  })

  it('names the later of two equal peaks', () => {
    expect(highestOf(points([3, 7, 7, 1]))?.at).toBe(at(2))
    expect(highestOf([])).toBeNull()
  })
})

describe('small multiples', () => {
  it('stand with alarms first, then the largest, behind all contacts', () => {
    const series = (topic: string | null, n: number, alert_id: string | null, alarms: number[]) => ({ topic, n, alert_id, points: points([1, 1], alarms) })
    const list = [series(null, 9, null, []), series('quiet', 0, null, []), series('large', 8, null, []), series('ended', 2, null, [0]), series('open', 1, 'id', [1])]
    expect(inOrder(list).map(({ topic }) => topic)).toEqual([null, 'open', 'ended', 'large', 'quiet'])
  })
})
