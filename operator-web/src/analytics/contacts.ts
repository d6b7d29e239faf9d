import { ref, shallowRef } from 'vue'
import type { ContactSource, ShownContact } from './figures'

/** Contacts page by page. An answer to a question that was changed meanwhile is dropped. */
export function useContacts(source: ContactSource) {
  const items = shallowRef<ShownContact[]>([])
  const hasMore = ref(false)
  const state = ref<'loading' | 'whole' | 'failed'>('loading')
  let next: string | undefined
  let asked = 0

  async function load(cursor?: string): Promise<void> {
    const mine = (asked += 1)
    state.value = 'loading'
    if (!cursor) items.value = []
    try {
      const page = await source(cursor)
      if (mine !== asked) return
      items.value = cursor ? [...items.value, ...page.items] : page.items
      next = page.next ?? undefined
      hasMore.value = next !== undefined
      state.value = 'whole'
    } catch {
      if (mine === asked) state.value = 'failed'
    }
  }

  void load()
  return { items, state, hasMore, reload: () => load(), more: () => load(next) }
}
