import { computed, ref, shallowRef } from 'vue'

interface Page<T> {
  items: T[]
  next?: string | null
}

/** A list that the server gives page by page. An answer that a later question overtook is dropped. */
export function usePages<T>(fetch: (cursor: string | undefined) => Promise<Page<T>>) {
  const items = shallowRef<T[]>([])
  const next = ref<string | null>(null)
  const state = ref<'loading' | 'whole' | 'failed'>('loading')
  let asked = 0

  async function load(cursor?: string): Promise<void> {
    const mine = (asked += 1)
    state.value = 'loading'
    try {
      const page = await fetch(cursor)
      if (mine !== asked) return
      items.value = cursor ? [...items.value, ...page.items] : page.items
      next.value = page.next ?? null
      state.value = 'whole'
    } catch {
      if (mine === asked) state.value = 'failed'
    }
  }

  /** For a list of something else: nothing of the one before stands, and its cursor leads nowhere. */
  function begin(): Promise<void> {
    items.value = []
    next.value = null
    return load()
  }

  void load()
  return { items, state, hasMore: computed(() => next.value !== null), begin, reload: () => load(), more: () => (next.value ? load(next.value) : Promise.resolve()) }
}
