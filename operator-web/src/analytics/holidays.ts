import { useQuery } from '@pinia/colada'
import { computed, ref, toValue, type MaybeRefOrGetter } from 'vue'
import { useI18n } from 'vue-i18n'
import { trendsListHolidays, trendsSayHoliday, trendsUndoHoliday, type Country, type Holiday, type NewHolidayWord, type OwnHoliday, type TrendCity } from '@/client'
import { useFormat } from '@/locales/format'
import { ask, once, Refused } from '@/session/requests'
import { reasonOf } from '@/shell/notices'

export const COUNTRIES: Country[] = ['ru', 'kz', 'uz']
/** So many years from today a day may lie. */
const YEARS = 5

/** The years that can be looked at. */
export const yearsAround = (today: string): number[] => Array.from({ length: 2 * YEARS + 1 }, (_, n) => Number(today.slice(0, 4)) - YEARS + n)

/** The first and the last day that can be added: the same day of the year as today, some years before and after. */
export function bounds(today: string): { min: string; max: string } {
  const year = Number(today.slice(0, 4))
  const day = today.slice(4) === '-02-29' ? '-02-28' : today.slice(4)
  return { min: `${year - YEARS}${day}`, max: `${year + YEARS}${day}` }
}

/** The country of a city; of none in particular, the one that most cities are in. */
export function countryOf(cities: readonly TrendCity[], chosen: string | null): Country {
  const here = cities.find(({ id }) => id === chosen)
  if (here) return here.country
  const count = (country: Country): number => cities.filter((city) => city.country === country).length
  return COUNTRIES.reduce((most, country) => (count(country) > count(most) ? country : most))
}

/** Whether a day can be taken out: the calendar has it, it is kept, and nothing is said of it in this country. */
export const canBeTakenOut = (day: Holiday, country: Country): boolean => day.kept && day.calendar != null && !day.own.some((said) => said.country === country)

/** The holidays of a country and a year, and what a person says of them: one act at a time, each answered in words. */
export function useHolidays(country: MaybeRefOrGetter<Country>, year: MaybeRefOrGetter<number>) {
  const { t } = useI18n()
  const { day: inWords } = useFormat('UTC')
  const list = useQuery({
    key: () => ['holidays', toValue(country), toValue(year)],
    query: () => ask(trendsListHolidays({ query: { country: toValue(country), from: `${toValue(year)}-01-01`, to: `${toValue(year)}-12-31` } })),
  })
  const busy = ref(false)
  const did = ref('')
  const problem = ref('')

  const dayOf = (date: string): string => inWords(`${date}T00:00:00Z`)

  async function act(call: () => Promise<unknown>, done: 'added' | 'removed' | 'undone', date: string): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    did.value = problem.value = ''
    try {
      await call()
      await list.refetch()
      did.value = t(`holidays.did.${done}`, { when: dayOf(date) })
      return true
    } catch (refusal) {
      problem.value = `${t('holidays.not_saved')} ${refusal instanceof Refused && refusal.status === 409 ? t('holidays.said_already') : reasonOf(refusal)}`
      return false
    } finally {
      busy.value = false
    }
  }

  const say = (body: NewHolidayWord): Promise<boolean> => act(() => ask(trendsSayHoliday({ body, ...once() })), body.kind, body.date)
  return {
    /** Of what is shown: while another year is asked for, nothing. */
    items: computed(() => list.data.value?.items ?? null),
    failed: computed(() => list.error.value !== null),
    reload: () => list.refetch(),
    busy,
    did,
    problem,
    dayOf,
    say,
    takeOut: ({ date }: Holiday) => say({ country: toValue(country), date, kind: 'removed' }),
    undo: ({ id, date }: OwnHoliday) => act(() => ask(trendsUndoHoliday({ path: { holiday_id: id }, ...once() })), 'undone', date),
  }
}
