import { computed, inject, ref, toRef, type InjectionKey, type MaybeRefOrGetter, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Language, Money } from '@/client'
import { dateWords } from './dates'

/** `1:46`, `1:02:10`; what is over an hour shows hours. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** The zone of the city that is spoken of (IANA name): its hours are what customer and kitchen mean. None: the reader's. */
export const ZONE: InjectionKey<Ref<string | null>> = Symbol('zone')

/** A date whose own fields read as calendar and clock on a wall in `zone` do. */
const onTheWall = (at: string | number, zone: string | null): Date => {
  const date = new Date(at)
  return zone ? new Date(date.toLocaleString('en-US', { timeZone: zone })) : date
}

/**
 * Dates, times, sums and shares as the reader's language writes them.
 * @param given the zone of what is spoken of, where it is another than that of the whole place
 */
export function useFormat(given?: MaybeRefOrGetter<string | null>) {
  const { locale } = useI18n()
  const zone = given === undefined ? inject(ZONE, ref(null)) : toRef(given)
  const tools = computed(() => {
    const words = dateWords(locale.value as Language)
    return {
      words,
      clock: new Intl.DateTimeFormat(words.tag, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone.value ?? undefined }),
      exact: new Intl.DateTimeFormat(words.tag, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
    }
  })
  const money = ({ minor, currency }: Money): string =>
    new Intl.NumberFormat(tools.value.words.tag, { style: 'currency', currency, currencyDisplay: 'narrowSymbol', minimumFractionDigits: minor % 100 === 0 ? 0 : 2, maximumFractionDigits: 2 }).format(minor / 100)
  const clock = (at: string): string => tools.value.clock.format(new Date(at))
  const shortDay = (at: string | number): string => tools.value.words.shortDay(onTheWall(at, zone.value))
  return {
    clock,
    shortDay,
    /** `14 ноя, 19:05` */
    moment: (at: string) => `${shortDay(at)}, ${clock(at)}`,
    day: (at: string) => tools.value.words.day(onTheWall(at, zone.value)),
    month: (at: string) => tools.value.words.month(onTheWall(at, zone.value)),
    /** To the second, for the audit log. */
    stamp: (at: string) => `${tools.value.words.shortDay(new Date(at))} ${tools.value.exact.format(new Date(at))}`,
    money,
    /** A score of 0…1 as a share: `93 %`, in English `93%`. */
    share: (score: number) => new Intl.NumberFormat(tools.value.words.tag, { style: 'percent' }).format(score),
    /** `12 345`, `9,4`: at most `places` digits after the comma. */
    number: (value: number, places = 0) => new Intl.NumberFormat(tools.value.words.tag, { maximumFractionDigits: places }).format(value),
  }
}

/** The day a moment falls on in a zone (none: the reader's); equal for moments of one day. */
export const dayKey = (at: string | number, zone: string | null): string => onTheWall(at, zone).toDateString()

/** Whether hours in `zone` are other hours than the reader's now. */
export const isElsewhere = (zone: string | null, now: number): boolean => zone !== null && Math.abs(onTheWall(now, zone).getTime() - now) > 60_000
