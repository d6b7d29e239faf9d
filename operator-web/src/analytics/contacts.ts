import { computed, ref, shallowRef } from 'vue'
import type { ContactSource, ShownContact } from './figures'

/** Contacts page by page. An answer to a question that was changed meanwhile is dropped. */
export function useContacts(source: ContactSource) {
  const items = shallowRef<ShownContact[]>([])
  const next = ref<string | null>(null)
  const state = ref<'loading' | 'whole' | 'failed'>('loading')
  let asked = 0

  async function load(cursor?: string): Promise<void> {
    const mine = (asked += 1)
    state.value = 'loading'
    if (!cursor) {
      // a cursor leads on in the list it came with and in no other
      items.value = []
      next.value = null
    }
    try {
      const page = await source(cursor)
      if (mine !== asked) return
      items.value = cursor ? [...items.value, ...page.items] : page.items
      next.value = page.next ?? null
      state.value = 'whole'
    } catch {
      if (mine === asked) state.value = 'failed'
    }
  }

  void load()
  return { items, state, hasMore: computed(() => next.value !== null), reload: () => load(), more: () => (next.value ? load(next.value) : Promise.resolve()) }
}
