import { createI18n } from 'vue-i18n'
import type { Language } from '@/client'
import ru from './ru.json'

export type Words = typeof ru

const LOADERS: Record<Exclude<Language, 'ru'>, () => Promise<{ default: Words }>> = {
  kk: () => import('./kk.json'),
  uz: () => import('./uz.json'),
  en: () => import('./en.json'),
}

/** Russian has three forms: 1 чат, 2 чата, 5 чатов; a fourth, written first, is for none. */
export function russianForm(choice: number, forms: number): number {
  const none = forms > 3 ? 1 : 0
  if (none && choice === 0) return 0
  const ten = choice % 10
  const hundred = choice % 100
  const form = ten === 1 && hundred !== 11 ? 0 : ten >= 2 && ten <= 4 && (hundred < 12 || hundred > 14) ? 1 : 2
  return Math.min(form + none, forms - 1)
}

export const i18n = createI18n({
  legacy: false,
  locale: 'ru' as string,
  fallbackLocale: 'ru',
  messages: { ru } as Record<string, Words>,
  pluralRules: { ru: russianForm },
})

export async function setLanguage(language: Language): Promise<void> {
  if (language !== 'ru' && !i18n.global.availableLocales.includes(language)) {
    const words = await LOADERS[language]()
    i18n.global.setLocaleMessage(language, words.default)
  }
  i18n.global.locale.value = language
  document.documentElement.lang = language
}
