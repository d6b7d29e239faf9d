import type { StepWord } from '@/client'

/** The step of a series, as the server names it. */
export const STEPS: StepWord[] = ['5m', '15m', '1h', '1d', '1w']
export type Step = StepWord

export const PRESETS = ['today', '24h', '7d', '30d', 'own'] as const
export type Preset = (typeof PRESETS)[number]

/** What time is looked at. Days of one's own (both included) are days of the city that is spoken of. */
export type Period = { preset: Exclude<Preset, 'own'> } | { preset: 'own'; first: string; last: string }

export interface Span {
  from: string
  to: string
}

/** What the server has no series of, and what a year that is being typed looks like: `0002`, `0020`, `0202`. */
const FIRST_DAY = '2000-01-01'

/** Whether it names a day of the calendar that can be looked at. */
export function isDay(word: unknown): word is string {
  if (typeof word !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(word) || word < FIRST_DAY) return false
  const at = Date.parse(`${word}T00:00:00Z`)
  return Number.isFinite(at) && iso(at).startsWith(word)
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
export const STEP_LENGTH: Record<Step, number> = { '5m': 5 * MINUTE, '15m': 15 * MINUTE, '1h': HOUR, '1d': DAY, '1w': 7 * DAY }
/** More points than this are a blot on a chart of a hand's breadth. */
const MOST_POINTS = 1500
const FEWEST_POINTS = 4
const USUAL: Record<Exclude<Preset, 'own'>, Step> = { today: '15m', '24h': '15m', '7d': '1h', '30d': '1d' }

/** The span that stood before where nothing changed, so that what hangs on it is left in peace each second. */
export const steady = (before: Span | undefined, next: Span): Span => (before && before.from === next.from && before.to === next.to ? before : next)

/** From when to when, in UTC. It ends with the five minutes that run now, so that it stays the same while they do. */
export function spanOf(period: Period, now: number, zone: string | null): Span {
  const end = Math.ceil(now / STEP_LENGTH['5m']) * STEP_LENGTH['5m']
  switch (period.preset) {
    case 'own':
      return { from: iso(midnight(period.first, zone)), to: iso(Math.min(midnight(nextDay(period.last), zone), Math.max(end, midnight(period.first, zone) + HOUR))) }
    case 'today':
      return { from: iso(midnight(dayOf(now, zone), zone)), to: iso(end) }
    case '24h':
      return { from: iso(end - DAY), to: iso(end) }
    case '7d':
      return { from: iso(midnight(dayOf(end - 6 * DAY, zone), zone)), to: iso(end) }
    case '30d':
      return { from: iso(midnight(dayOf(end - 29 * DAY, zone), zone)), to: iso(end) }
  }
}

const BEFORE: Record<Step, number> = { '5m': DAY, '15m': 2 * DAY, '1h': 7 * DAY, '1d': 60 * DAY, '1w': 365 * DAY }
const STEPS_AFTER = 12

/** An alert with what came before it and a little of what came after. */
export function around(step: Step, began: string, ended: string | null, now: number): Span {
  const end = Math.ceil(now / STEP_LENGTH['5m']) * STEP_LENGTH['5m']
  return { from: iso(Date.parse(began) - BEFORE[step]), to: iso(ended === null ? end : Math.min(end, Date.parse(ended) + STEPS_AFTER * STEP_LENGTH[step])) }
}

/** The steps that a span can be read in. */
export function stepsOf({ from, to }: Span): Step[] {
  const length = Date.parse(to) - Date.parse(from)
  const fitting = STEPS.filter((step) => length / STEP_LENGTH[step] <= MOST_POINTS && length / STEP_LENGTH[step] >= FEWEST_POINTS)
  return fitting.length > 0 ? fitting : [STEPS.find((step) => length / STEP_LENGTH[step] <= MOST_POINTS) ?? '1w']
}

/** The step that is shown: the one asked for where it fits, else the usual one. */
export function stepOf(period: Period, asked: Step | null, span: Span): Step {
  const fitting = stepsOf(span)
  if (asked && fitting.includes(asked)) return asked
  const usual = period.preset === 'own' ? fitting.find((step) => (Date.parse(span.to) - Date.parse(span.from)) / STEP_LENGTH[step] <= 200) : USUAL[period.preset]
  return usual && fitting.includes(usual) ? usual : fitting[0]!
}

/** `2026-11-26`: the day of a moment on a wall in `zone` (none: the reader's). */
export const dayOf = (at: number, zone: string | null): string => new Intl.DateTimeFormat('sv-SE', { timeZone: zone ?? undefined }).format(at)

/** The moment a day begins in `zone`. */
export function midnight(day: string, zone: string | null): number {
  const wall = Date.parse(`${day}T00:00:00Z`)
  const first = wall - offset(wall, zone)
  return wall - offset(first, zone)
}

export function nextDay(day: string): string {
  return iso(Date.parse(`${day}T00:00:00Z`) + DAY).slice(0, 10)
}

/** How far the wall in `zone` is ahead of UTC, in milliseconds. */
function offset(at: number, zone: string | null): number {
  return Date.parse(`${new Intl.DateTimeFormat('sv-SE', { timeZone: zone ?? undefined, dateStyle: 'short', timeStyle: 'medium' }).format(at).replace(' ', 'T')}Z`) - Math.floor(at / 1000) * 1000
}

const iso = (at: number): string => new Date(at).toISOString()
