import { watchDebounced } from '@vueuse/core'
import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import { trendsListAlerts, type TrendAlert } from '@/client'
import { ask } from '@/session/requests'
import { partOf, type Filters } from './filters'
import type { Span } from './period'

/** What is shown is asked for anew when alerts have changed: a while after the last of them, so that a tick's many changes are one question. */
export const AFTER_ALERTS = { debounce: 1000, maxWait: 5000 }

/** Alerts of the period that have ended, newest first, page by page. An answer to filters that were changed meanwhile is dropped. */
export function useEndedAlerts(filters: Readonly<Ref<Filters>>, span: Readonly<Ref<Span>>, changes: () => number) {
  const items = shallowRef<TrendAlert[]>([])
  const next = ref<string | null>(null)
  const state = ref<'loading' | 'whole' | 'failed'>('loading')
  let asked = 0

  async function load(cursor: string | null): Promise<void> {
    const mine = (asked += 1)
    state.value = 'loading'
    try {
      const page = await ask(trendsListAlerts({ query: { ...partOf(filters.value), state: 'ended', ...span.value, ...(cursor ? { cursor } : {}) } }))
      if (mine !== asked) return
      items.value = cursor ? [...items.value, ...page.items] : page.items
      next.value = page.next ?? null
      state.value = 'whole'
    } catch {
      if (mine === asked) state.value = 'failed'
    }
  }

  watch(() => JSON.stringify([partOf(filters.value), span.value.from]), () => {
    items.value = []
    void load(null)
  }, { immediate: true })
  // an alert that ended just now comes to the head of the list
  watchDebounced(changes, () => void load(null), AFTER_ALERTS)

  const put = (alert: TrendAlert): void => void (items.value = items.value.map((known) => (known.id === alert.id ? alert : known)))
  return { items, state, hasMore: computed(() => next.value !== null), reload: () => load(null), more: () => load(next.value), put }
}
