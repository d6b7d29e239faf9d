import { computed, ref } from 'vue'

interface Page<T> {
  items: T[]
  next?: string | null
}

/** A list that the server gives page by page. */
export function usePages<T>(fetch: (cursor: string | undefined) => Promise<Page<T>>) {
  const items = ref<T[]>([]) as { value: T[] }
  const next = ref<string | null>(null)
  const state = ref<'loading' | 'whole' | 'failed'>('loading')

  async function load(cursor?: string): Promise<void> {
    state.value = 'loading'
    try {
      const page = await fetch(cursor)
      items.value = cursor ? [...items.value, ...page.items] : page.items
      next.value = page.next ?? null
      state.value = 'whole'
    } catch {
      state.value = 'failed'
    }
  }

  void load()
  return { items: computed(() => items.value), state, hasMore: computed(() => next.value !== null), reload: () => load(), more: () => load(next.value ?? undefined) }
}
