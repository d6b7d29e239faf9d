import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { TrendAlert, TrendCause } from '@/client'
import { now } from '@/live/clock'
import { dayKey, useFormat } from '@/locales/format'
import { useWording } from './wording'

const WORDS_SHOWN = 3

/** What an alert and its causes say in words, in the hours of its city. */
export function useAlertWords(alert: () => TrendAlert) {
  const { t } = useI18n()
  const zone = computed(() => alert().zone)
  const { nameOf, about, usual, number, moment } = useWording(zone)
  const { clock, shortDay } = useFormat(zone)

  /** Of a theme, its words: it has no topic to be named by. */
  const name = computed(() => {
    const one = alert()
    return one.kind === 'theme' ? t('trends.theme_named', { words: one.words.slice(0, WORDS_SHOWN).join(', ') }) : nameOf(one)
  })
  const short = computed(() => ({ n: number(alert().n), expected: about(alert().expected) }))
  const what = computed(() => {
    const { kind, n } = alert()
    const holes = { ...short.value, band: usual(alert()) }
    return kind === 'theme' ? t('trends.says.theme', { ...holes }, n) : t(`trends.says.${kind}`, holes)
  })
  const since = computed(() => {
    const { began, step } = alert()
    if (step === '1d' || step === '1w') return shortDay(began)
    return dayKey(began, zone.value) === dayKey(new Date(now.value).toISOString(), zone.value) ? clock(began) : moment(began)
  })
  const causes = computed(() => alert().causes.map((cause) => ({ cause, ...causeWords(cause) })))

  /** `Алматы, Кухня на Абая: +21 из +25`. */
  function causeWords(cause: TrendCause) {
    const where = nameOf(cause, false) || t('trends.everywhere')
    const excess = `+${number(Math.round(cause.excess))}`
    const whole = `+${number(Math.round(cause.share > 0 ? cause.excess / cause.share : cause.excess))}`
    return { where, excess, whole, says: t('trends.says.cause', { where, excess, whole }) }
  }

  return { name, what, short, since, causes, zone }
}
