import { useVirtualizer } from '@tanstack/vue-virtual'
import { useDocumentVisibility } from '@vueuse/core'
import { computed, nextTick, onScopeDispose, ref, watch, type Ref } from 'vue'
import { listMessages } from '@/client'
import { addEarlier, type Talk } from '@/live/talk'
import { ask } from '@/session/requests'
import { usePreferences } from '@/shell/preferences'
import type { LogRow } from './rows'

const NEAR_END = 48 // px: as good as the end
const SEEN_AFTER = 700 // ms a message must stand on the screen before it counts as read
const PAGE = 50

const HEIGHT: Record<LogRow['kind'], number> = { earlier: 44, day: 32, life: 24, message: 46, partial: 34, sending: 60 }

/** The talk as a virtual list that stands on the reply box: stays at the end while the reader is there, and keeps its place otherwise. */
export function useLogScroll(scroll: Ref<HTMLElement | null>, rows: Ref<LogRow[]>, talk: Ref<Talk>, seen: (seq: number) => void) {
  const preferences = usePreferences()
  const visibility = useDocumentVisibility()
  const atEnd = ref(true)
  const loading = ref(false)
  /** Messages that came while the reader was further up. */
  const below = ref(0)

  const virtual = useVirtualizer(
    computed(() => ({
      count: rows.value.length,
      getScrollElement: () => scroll.value,
      getItemKey: (n: number) => rows.value[n]?.key ?? n,
      estimateSize: (n: number) => HEIGHT[rows.value[n]?.kind ?? 'message'] * (preferences.chosen.text_percent / 100),
      overscan: 12,
    })),
  )

  function toEnd(): void {
    atEnd.value = true
    below.value = 0
    void nextTick(() => {
      if (scroll.value) scroll.value.scrollTop = scroll.value.scrollHeight
    })
  }

  function onScroll(): void {
    const el = scroll.value
    if (!el) return
    atEnd.value = el.scrollHeight - el.scrollTop - el.clientHeight < NEAR_END
    if (atEnd.value) below.value = 0
    if (el.scrollTop < 200 && el.scrollHeight > el.clientHeight) void loadEarlier()
  }

  async function loadEarlier(): Promise<void> {
    const { contact } = talk.value
    if (loading.value || !contact.earlier) return
    loading.value = true
    try {
      const page = await ask(listMessages({ path: { id: contact.id }, query: { before: contact.earlier, limit: PAGE } }))
      const before = virtual.value.getTotalSize()
      addEarlier(contact, page.items, page.next ?? null)
      await nextTick()
      if (scroll.value) scroll.value.scrollTop += virtual.value.getTotalSize() - before
    } catch {
      // the button stays; the reader asks again
    } finally {
      loading.value = false
    }
  }

  /** Brings a message before the eyes, from an earlier page if need be. */
  async function toMessage(id: string): Promise<void> {
    const { contact } = talk.value
    while (!contact.messages.some((message) => message.id === id)) {
      const held = contact.messages.length
      await loadEarlier()
      if (contact.messages.length === held) return
    }
    atEnd.value = false // or the growing height would pull the reader back to the end
    await nextTick()
    const at = rows.value.findIndex(({ key }) => key === id)
    if (at >= 0) virtual.value.scrollToIndex(at, { align: 'center' })
    onScroll() // a talk that fits the window does not move and tells of no scrolling
  }

  // rows are measured after they are drawn: follow the growing height while at the end
  watch([() => talk.value.contact.id], () => toEnd(), { immediate: true })
  watch(
    () => [virtual.value.getTotalSize(), scroll.value?.clientHeight],
    () => {
      if (atEnd.value) toEnd()
    },
    { flush: 'post' },
  )
  watch(
    () => talk.value.contact.messages.length,
    (count, before) => {
      if (!atEnd.value && count > before && !loading.value) below.value += count - before
    },
  )

  const lastSeq = computed(() => (talk.value.contact.messages.length > 0 ? talk.value.saidSeq : 0))
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    [lastSeq, atEnd, visibility, () => talk.value.contact.id],
    () => {
      clearTimeout(timer)
      if (atEnd.value && visibility.value === 'visible' && lastSeq.value > 0) timer = setTimeout(() => seen(lastSeq.value), SEEN_AFTER)
    },
    { immediate: true },
  )

  const resized = new ResizeObserver(() => {
    if (atEnd.value) toEnd()
  })
  watch(scroll, (el) => {
    resized.disconnect()
    if (el) resized.observe(el)
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    resized.disconnect()
  })

  return { virtual, atEnd, below, loading, onScroll, toEnd, toMessage, loadEarlier }
}
