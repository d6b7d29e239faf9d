import type { MaybeRefOrGetter } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Channel, Place, Topic, TrendPoint } from '@/client'
import { useFormat } from '@/locales/format'
import { STEP_LENGTH, type Step } from './period'

/** What a series, an alert or a cause is of. */
export interface Of {
  topic?: Topic | null
  city?: Place | null
  channel?: Channel | null
  restaurant?: Place | null
  /** Only causes have one. */
  dish?: string | null
}

/** Series, steps and figures in words. */
export function useWording(zone?: MaybeRefOrGetter<string | null>) {
  const { t } = useI18n()
  const { moment, number } = useFormat(zone)
  const wall = useFormat('UTC')

  /** `Опоздание, Алматы, Кухня на Абая`; of a cause, the topic only where it belongs to it, and its dish. */
  function nameOf({ topic, city, channel, restaurant, dish }: Of, whole = true): string {
    const what = topic ? t(`topic.${topic}`) : whole ? t('trends.all_contacts') : null
    return [what, dish ? t('trends.dish', { name: dish }) : null, city?.name, restaurant?.name, channel ? t(`channel.${channel}`) : null].filter(Boolean).join(', ')
  }

  /** When a step is, in the hours of its series. */
  function stepAt({ local }: Pick<TrendPoint, 'local'>, step: Step): string {
    const begin = Date.parse(`${local}Z`)
    if (step === '1d') return wall.shortDay(begin)
    if (step === '1w') return `${wall.shortDay(begin)} – ${wall.shortDay(begin + 6 * STEP_LENGTH['1d'])}`
    return `${wall.shortDay(begin)}, ${wall.clock(`${local}Z`)}–${wall.clock(new Date(begin + STEP_LENGTH[step]).toISOString())}`
  }

  /** Only the begin of a step, for columns of them. */
  const stepBegin = (point: Pick<TrendPoint, 'local'>, step: Step): string => (step === '1d' || step === '1w' ? stepAt(point, step) : `${wall.shortDay(Date.parse(`${point.local}Z`))}, ${wall.clock(`${point.local}Z`)}`)

  /** From the first step of a series to its last. */
  function within({ points, step }: { points: readonly TrendPoint[]; step: Step }): string {
    const [first, last] = [points[0], points.at(-1)]
    return first && last ? `${stepBegin(first, step)} – ${stepBegin(last, step)}` : ''
  }

  /** What was expected is a mean: a digit after the comma where it is small. */
  const about = (value: number): string => (value > 0 && value < 0.05 ? `< ${number(0.1, 1)}` : number(value, value < 10 ? 1 : 0))
  function usual(band: Pick<TrendPoint, 'lower' | 'upper'>): string {
    const [lower, upper] = [Math.ceil(band.lower ?? 0), Math.floor(band.upper ?? 0)]
    return lower < upper ? `${number(lower)}–${number(upper)}` : number(upper)
  }
  const chance = (p: number): string => (p < 0.0001 ? `< ${number(0.0001, 4)}` : number(p, p < 0.01 ? 4 : 2))

  return { nameOf, stepAt, stepBegin, within, moment, about, usual, chance, number }
}
