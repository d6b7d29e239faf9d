import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import type { Channel, Topic, TrendAlert } from '@/client'
import { CHANNELS, TOPICS } from '@/workspace/labels'
import { isDay, PRESETS, STEPS, type Period, type Step } from './period'
import type { Of } from './wording'

/** What part of the talks is looked at, and over what time. It stands in the address, so that a view can be sent to a colleague. */
export interface Filters {
  period: Period
  /** None: the step that suits the period. */
  step: Step | null
  topic: Topic | null
  city: string | null
  restaurant: string | null
  channel: Channel | null
  /** Every chart as a table. */
  tables: boolean
}

const USUAL: Period = { preset: '7d' }

/** Reads the address; what names nothing known is left out. */
export function filtersOf(query: LocationQuery): Filters {
  const known = <T extends string>(list: readonly T[], value: unknown): T | null => list.find((word) => word === value) ?? null
  const id = (value: unknown): string | null => (typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value) ? value : null)
  return {
    period: periodOf(query),
    step: known(STEPS, query.step),
    topic: known(TOPICS, query.topic),
    city: id(query.city),
    restaurant: id(query.restaurant),
    channel: known(CHANNELS, query.channel),
    tables: query.tables === '1',
  }
}

function periodOf({ period, first, last }: LocationQuery): Period {
  const preset = PRESETS.find((word) => word === period)
  if (!preset) return USUAL
  if (preset !== 'own') return { preset }
  return isDay(first) && isDay(last) ? { preset, first: first < last ? first : last, last: first < last ? last : first } : USUAL
}

/** As it stands in the address: nothing for what is not chosen. */
export function queryOf({ period, tables, ...rest }: Filters): LocationQueryRaw {
  const chosen = Object.entries(rest).filter(([, value]) => value !== null)
  return { ...(period.preset === USUAL.preset ? {} : { period: period.preset }), ...(period.preset === 'own' ? { first: period.first, last: period.last } : {}), ...Object.fromEntries(chosen), ...(tables ? { tables: '1' } : {}) }
}

/** The part of the talks as the server asks for it. */
export function partOf({ topic, city, restaurant, channel }: Pick<Filters, 'topic' | 'city' | 'restaurant' | 'channel'>) {
  return { ...(topic ? { topic } : {}), ...(city ? { city_id: city } : {}), ...(restaurant ? { restaurant_id: restaurant } : {}), ...(channel ? { channel } : {}) }
}

export type Part = ReturnType<typeof partOf>

/** The same of a series or an alert, which name their places. */
export const partNamed = ({ topic, city, restaurant, channel }: Of): Part => partOf({ topic: topic ?? null, city: city?.id ?? null, restaurant: restaurant?.id ?? null, channel: channel ?? null })

/** Whether an alert tells of the part that is looked at. */
export function isOf({ topic, city, restaurant, channel }: Filters, alert: TrendAlert): boolean {
  return (!topic || alert.topic === topic) && (!city || alert.city?.id === city) && (!restaurant || alert.restaurant?.id === restaurant) && (!channel || alert.channel === channel)
}
