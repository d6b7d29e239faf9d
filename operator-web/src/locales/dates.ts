import type { Language } from '@/client'

/**
 * Dates in words. Browsers ship without Uzbek and often without Kazakh calendars (they print «M11 25»), so these two are
 * written here; Russian and English come from the browser.
 */
interface Names {
  months: string[]
  short: string[]
  weekdays: string[] // from Sunday
  day: (day: number, month: string) => string
}

const OURS: Partial<Record<Language, Names>> = {
  kk: {
    months: ['қаңтар', 'ақпан', 'наурыз', 'сәуір', 'мамыр', 'маусым', 'шілде', 'тамыз', 'қыркүйек', 'қазан', 'қараша', 'желтоқсан'],
    short: ['қаң', 'ақп', 'нау', 'сәу', 'мам', 'мау', 'шіл', 'там', 'қыр', 'қаз', 'қар', 'жел'],
    weekdays: ['жексенбі', 'дүйсенбі', 'сейсенбі', 'сәрсенбі', 'бейсенбі', 'жұма', 'сенбі'],
    day: (day, month) => `${day} ${month}`,
  },
  uz: {
    months: ['yanvar', 'fevral', 'mart', 'aprel', 'may', 'iyun', 'iyul', 'avgust', 'sentabr', 'oktabr', 'noyabr', 'dekabr'],
    short: ['yan', 'fev', 'mar', 'apr', 'may', 'iyn', 'iyl', 'avg', 'sen', 'okt', 'noy', 'dek'],
    weekdays: ['yakshanba', 'dushanba', 'seshanba', 'chorshanba', 'payshanba', 'juma', 'shanba'],
    day: (day, month) => `${day}-${month}`,
  },
}

const TAGS: Record<Language, string> = { ru: 'ru-RU', kk: 'ru-KZ', uz: 'ru-UZ', en: 'en-GB' }

export interface DateWords {
  /** For numbers, sums and hours, which all our languages but English write as Russian does. */
  tag: string
  /** `14 ноя` */
  shortDay: (at: Date) => string
  /** `среда, 25 ноября` */
  day: (at: Date) => string
  /** `марта 2024`: as it stands within a date, which is what «с …» asks for in Russian. */
  month: (at: Date) => string
}

export function dateWords(language: Language): DateWords {
  const tag = TAGS[language]
  const names = OURS[language]
  if (names) {
    return {
      tag,
      shortDay: (at) => names.day(at.getDate(), names.short[at.getMonth()]!),
      day: (at) => `${names.weekdays[at.getDay()]}, ${names.day(at.getDate(), names.months[at.getMonth()]!)}`,
      month: (at) => `${names.months[at.getMonth()]} ${at.getFullYear()}`,
    }
  }
  const short = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short' })
  const day = new Intl.DateTimeFormat(tag, { weekday: 'long', day: 'numeric', month: 'long' })
  const whole = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'long', year: 'numeric' })
  return {
    tag,
    shortDay: (at) => short.format(at).replace(/\.$/u, ''),
    day: (at) => day.format(at),
    month: (at) => {
      const part = (wanted: string) => whole.formatToParts(at).find(({ type }) => type === wanted)?.value ?? ''
      return `${part('month')} ${part('year')}`
    },
  }
}
