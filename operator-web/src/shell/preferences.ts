import { useMediaQuery } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref, watch, watchEffect } from 'vue'
import { putPreferences, type Preferences } from '@/client'
import { setLanguage } from '@/locales'
import { ask, once } from '@/session/requests'
import { useSession } from '@/session/session'

const KEY = 'okno.preferences' // read by public/before-paint.js too
export type Chosen = Required<Preferences>

const DEFAULTS: Chosen = { language: 'ru', theme: 'system', text_percent: 100, density: 'comfortable', letter_keys: true, reduced_motion: false }
export const TEXT_SIZES = [100, 125, 150, 175, 200]

/** How the operator wants the page: kept on the server, and in the browser for the first paint. */
export const usePreferences = defineStore('preferences', () => {
  const session = useSession()
  const chosen = ref<Chosen>({ ...DEFAULTS, ...kept() })
  const dark = useMediaQuery('(prefers-color-scheme: dark)')
  const contrast = useMediaQuery('(prefers-contrast: more)')
  const theme = computed(() => {
    if (chosen.value.theme !== 'system') return chosen.value.theme
    return contrast.value ? 'contrast' : dark.value ? 'dark' : 'light'
  })

  // what the server holds wins at sign-in
  watch(
    () => session.me?.operator.id,
    () => {
      if (session.me) chosen.value = { ...DEFAULTS, ...session.me.preferences }
    },
    { immediate: true },
  )

  watchEffect(() => {
    const root = document.documentElement
    root.dataset.theme = theme.value
    root.dataset.density = chosen.value.density
    root.dataset.motion = chosen.value.reduced_motion ? 'reduced' : ''
    root.style.fontSize = `${chosen.value.text_percent}%`
    void setLanguage(chosen.value.language)
    try {
      localStorage.setItem(KEY, JSON.stringify(chosen.value))
    } catch {
      // storage is closed: the server's copy remains
    }
  })

  function set(change: Partial<Chosen>): void {
    chosen.value = { ...chosen.value, ...change }
    if (session.me) {
      session.me.preferences = chosen.value
      ask(putPreferences({ body: chosen.value, ...once() })).catch(() => {}) // kept in the browser; the next change carries all of it
    }
  }

  function resize(step: -1 | 1): void {
    const sizes = step > 0 ? TEXT_SIZES : TEXT_SIZES.toReversed()
    const next = sizes.find((size) => (size - chosen.value.text_percent) * step > 0)
    if (next) set({ text_percent: next })
  }

  return { chosen, theme, set, resize }
})

function kept(): Partial<Chosen> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Chosen>
  } catch {
    return {}
  }
}
