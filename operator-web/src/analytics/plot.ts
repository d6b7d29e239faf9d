import type uPlot from 'uplot'
import type { TrendPoint } from '@/client'
import { gapsOf, topOf, wallSeconds, type Run } from './shape'

/** How a chart is drawn: everything that comes from the theme, the reader's text size and language. */
export interface PlotLook {
  color: (token: string) => string
  /** Text size as a share of the usual one. */
  scale: number
  tick: (seconds: number, wide: boolean) => string
  count: (value: number) => string
}

export interface PlotSize {
  width: number
  height: number
}

const BAND = [1, 2] as [number, number]
const GROUP = 'trends'
const DAY = 86_400
const HOURS = [1, 2, 3, 6, 12, 24, 48].map((hours) => hours * 3600)
const DAYS = [1, 2, 3, 4, 7, 14, 28, 56, 112, 224, 448].map((days) => days * DAY)

/** The chart of one series: band, expected value and count, and the time under the pointer shared with its neighbours. */
export function plotOptions(size: PlotSize, look: PlotLook, points: readonly TrendPoint[], runs: readonly Run[], events: { over: (place: number | null) => void }): uPlot.Options {
  const { color, scale } = look
  const font = `${Math.round(11 * scale)}px "Onest Variable", sans-serif`
  const axis = { stroke: color('--text-3'), font, ticks: { show: false }, gap: 4 * scale }
  const long = points.length > 1 && wallSeconds(points.at(-1)!) - wallSeconds(points[0]!) > 3.5 * DAY
  const sparse = points.length <= 40
  return {
    ...size,
    legend: { show: false },
    padding: [4, 7 * scale, 0, 0],
    cursor: { y: false, drag: { x: false, y: false, setScale: false }, sync: { key: GROUP, setSeries: false }, points: { size: 7 * scale, fill: color('--surface'), stroke: color('--text'), width: 2 } },
    tzDate: (seconds) => wallDate(seconds),
    scales: { x: { time: true, range: (_plot, min, max) => (min === max ? [min - DAY / 2, max + DAY / 2] : [min, max]) }, y: { range: () => [0, topOf(points)] } },
    axes: [
      { ...axis, gap: 7 * scale, size: 23 * scale, space: (long ? 58 : 50) * scale, incrs: long ? DAYS : HOURS, grid: { show: false }, values: (_plot, splits) => splits.map((at) => look.tick(at, long)) },
      { ...axis, size: 34 * scale, space: 30 * scale, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000], grid: { stroke: color('--line'), width: 1 }, values: (_plot, splits) => splits.map(look.count) },
    ],
    series: [
      {},
      { stroke: color('--line-control'), width: 1, dash: [2 * scale, 3 * scale], points: { show: false } },
      { stroke: color('--line-control'), width: 1, dash: [2 * scale, 3 * scale], points: { show: false } },
      { stroke: color('--accent'), width: 1.25 * scale, dash: [5 * scale, 3 * scale], points: { show: sparse && points.length < 3 } },
      { stroke: color('--text'), width: 1.75 * scale, points: { show: sparse, size: 5 * scale, fill: color('--text') } },
    ],
    bands: [{ series: BAND, fill: color('--accent-tint') }],
    hooks: {
      drawClear: [(plot) => ground(plot, points, runs, look), (plot) => gapsOf(points).forEach(([first, last]) => hatch(plot, points[first]!, points[last]!, look))],
      draw: [(plot) => runs.forEach((run) => mark(plot, points, run, look))],
      setCursor: [(plot) => events.over(plot.cursor.idx ?? null)],
    },
  }
}

/** Times are those of a wall already, counted as UTC; uPlot reads a date's own fields, so the reader's zone is taken out. */
function wallDate(seconds: number): Date {
  const date = new Date(seconds * 1000)
  return new Date(date.getTime() + date.getTimezoneOffset() * 60_000)
}

/** The stretch of an alarm as a lighter ground with a line on its left: seen without colour too. */
function ground(plot: uPlot, points: readonly TrendPoint[], runs: readonly Run[], { color }: PlotLook): void {
  const { ctx, bbox } = plot
  for (const run of runs) {
    const left = plot.valToPos(wallSeconds(points[run.first]!), 'x', true)
    const right = run.open ? bbox.left + bbox.width : plot.valToPos(wallSeconds(points[run.last]!), 'x', true)
    ctx.fillStyle = color('--warn-tint')
    ctx.fillRect(left, bbox.top, Math.max(right - left, 3 * devicePixelRatio), bbox.height)
    ctx.fillStyle = color('--warn-line')
    ctx.fillRect(left, bbox.top, devicePixelRatio, bbox.height)
  }
}

/** A feed that stood still: slanting lines where the count would be. */
function hatch(plot: uPlot, first: TrendPoint, last: TrendPoint, { color, scale }: PlotLook): void {
  const { ctx, bbox } = plot
  const between = 6 * scale * devicePixelRatio
  const left = plot.valToPos(wallSeconds(first), 'x', true)
  const width = Math.max(plot.valToPos(wallSeconds(last), 'x', true) - left, between)
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, bbox.top, width, bbox.height)
  ctx.clip()
  ctx.beginPath()
  for (let x = left - bbox.height; x < left + width; x += between) {
    ctx.moveTo(x, bbox.top + bbox.height)
    ctx.lineTo(x + bbox.height, bbox.top)
  }
  ctx.lineWidth = devicePixelRatio
  ctx.strokeStyle = color('--line-control')
  ctx.stroke()
  ctx.restore()
}

/** A triangle over the peak: filled while the alarm goes on, hollow when it has ended. */
function mark(plot: uPlot, points: readonly TrendPoint[], run: Run, { color, scale }: PlotLook): void {
  const { ctx } = plot
  const peak = points[run.peak]!
  const half = 5 * scale * devicePixelRatio
  const x = plot.valToPos(wallSeconds(peak), 'x', true)
  const foot = plot.valToPos(peak.n, 'y', true) - 5 * devicePixelRatio
  ctx.save()
  ctx.beginPath()
  ctx.moveTo(x, foot - half * 1.7)
  ctx.lineTo(x - half, foot)
  ctx.lineTo(x + half, foot)
  ctx.closePath()
  ctx.lineWidth = 1.75 * devicePixelRatio
  ctx.lineJoin = 'round'
  ctx.strokeStyle = color('--warn')
  ctx.fillStyle = color(run.open ? '--warn' : '--surface')
  ctx.fill()
  ctx.stroke()
  ctx.restore()
}
