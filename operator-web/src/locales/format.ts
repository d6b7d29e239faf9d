import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Money } from '@/client'

const TAGS: Record<string, string> = { ru: 'ru-RU', kk: 'kk-KZ', uz: 'uz-Latn-UZ', en: 'en-GB' }

/** `1:46`, `1:02:10`; what is over an hour shows hours. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** Dates, times, sums and shares as the reader's language writes them. */
export function useFormat() {
  const { locale } = useI18n()
  const tools = computed(() => {
    const tag = TAGS[locale.value] ?? 'ru-RU'
    return {
      clock: new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
      shortDay: new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short' }),
      day: new Intl.DateTimeFormat(tag, { weekday: 'long', day: 'numeric', month: 'long' }),
      month: new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'long', year: 'numeric' }),
      stamp: new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
      tag,
    }
  })
  const money = ({ minor, currency }: Money): string =>
    new Intl.NumberFormat(tools.value.tag, { style: 'currency', currency, currencyDisplay: 'narrowSymbol', maximumFractionDigits: minor % 100 === 0 ? 0 : 2 }).format(minor / 100)
  return {
    clock: (at: string) => tools.value.clock.format(new Date(at)),
    shortDay: (at: string | number) => tools.value.shortDay.format(new Date(at)),
    day: (at: string) => tools.value.day.format(new Date(at)),
    /** `марта 2024`: the month as it stands within a date, which is what «с …» asks for in Russian. */
    month: (at: string) => {
      const part = (wanted: string) => tools.value.month.formatToParts(new Date(at)).find(({ type }) => type === wanted)?.value ?? ''
      return `${part('month')} ${part('year')}`
    },
    stamp: (at: string) => tools.value.stamp.format(new Date(at)),
    money,
    /** A score of 0…1 as a share: `93 %`. */
    share: (score: number) => `${Math.round(score * 100)}\u00a0%`,
  }
}

/** The day a moment falls on, in the reader's zone; equal for moments of one day. */
export const dayKey = (at: string): string => new Date(at).toDateString()
