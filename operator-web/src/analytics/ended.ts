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

  /** @param least how many to ask for, page after page */
  async function load(cursor: string | null, least = 0): Promise<void> {
    const mine = (asked += 1)
    state.value = 'loading'
    try {
      const found: TrendAlert[] = []
      let at = cursor
      do {
        const page = await ask(trendsListAlerts({ query: { ...partOf(filters.value), state: 'ended', ...span.value, ...(at ? { cursor: at } : {}) } }))
        if (mine !== asked) return
        found.push(...page.items)
        at = page.next ?? null
      } while (at && found.length < least)
      items.value = cursor ? [...items.value, ...found] : found
      next.value = at
      state.value = 'whole'
    } catch {
      if (mine === asked) state.value = 'failed'
    }
  }

  /** As far as it was read: whoever stands deep in the list is not thrown back to its first page. */
  const renew = (): Promise<void> => load(null, items.value.length)

  // the last 24 hours begin later every five minutes: that is the same list, to be kept until its new answer is there
  watch([() => JSON.stringify([partOf(filters.value), filters.value.period]), () => span.value.from], ([of], [before]) => {
    if (of !== before) {
      items.value = []
      next.value = null
    }
    void renew()
  }, { immediate: true })
  watchDebounced(changes, () => void renew(), AFTER_ALERTS)

  const put = (alert: TrendAlert): void => void (items.value = items.value.map((known) => (known.id === alert.id ? alert : known)))
  return { items, state, hasMore: computed(() => next.value !== null), reload: renew, more: () => (next.value ? load(next.value) : Promise.resolve()), put }
}
