import { computed, ref, watch, type Ref } from 'vue'
import { qualityListSummaries, type Finding, type SummaryItem, type SummaryReview } from '@/client'
import { ask } from '@/session/requests'
import { askedOf, type Filters } from './filters'

/** The summaries that the filters leave, newest first, page by page. An answer to filters that were changed meanwhile is dropped. */
export function useReviewList(filters: Readonly<Ref<Filters>>) {
  const items = ref<SummaryItem[]>([])
  const next = ref<string | null>(null)
  const state = ref<'loading' | 'whole' | 'failed'>('loading')
  /** The summary from which on the list leaves out what somebody judged; null: it leaves out nothing. */
  const leapt = ref<string | null>(null)
  let asked = 0

  async function load(cursor?: string, leap = false): Promise<void> {
    const mine = (asked += 1)
    state.value = 'loading'
    if (!cursor) {
      // a cursor leads on in the list it came with and in no other
      items.value = []
      next.value = leapt.value = null
    }
    const unjudged = leap || leapt.value !== null
    try {
      const page = await ask(qualityListSummaries({ query: { ...askedOf(filters.value), ...(unjudged ? { judged: false } : {}), ...(cursor ? { cursor } : {}) } }))
      if (mine !== asked) return
      state.value = 'whole'
      const first = page.items[0]
      if (leap) {
        // there is nothing to leap to: the list goes on as it stands
        if (!first) return
        leapt.value ??= first.contact_id
      }
      items.value = cursor ? [...items.value, ...page.items] : page.items
      next.value = page.next ?? null
    } catch {
      if (mine === asked) state.value = 'failed'
    }
  }
  watch(() => JSON.stringify(filters.value), () => void load(), { immediate: true })

  /** The summary of the list after (or before) another; past the last loaded one the next page is asked for. */
  async function beside(id: string | null, by: 1 | -1): Promise<SummaryItem | null> {
    const at = items.value.findIndex(({ contact_id }) => contact_id === id)
    if (at < 0) return items.value[0] ?? null
    if (by > 0 && at === items.value.length - 1 && next.value && state.value === 'whole') await load(next.value)
    return items.value[at + by] ?? null
  }

  /** The next one down the list that nobody judged, past the loaded ones without all that was judged before it; null: there is none further down, or no answer came. */
  async function unjudgedAfter(id: string | null): Promise<SummaryItem | null> {
    const unjudged = (from: number): SummaryItem | null => items.value.slice(from).find(({ verdict }) => !verdict) ?? null
    const loaded = unjudged(items.value.findIndex(({ contact_id }) => contact_id === id) + 1)
    if (loaded || !next.value || state.value !== 'whole') return loaded
    const end = items.value.length
    await load(next.value, !filters.value.unjudged)
    return unjudged(end)
  }

  /** What was read of one just now; the list may have stood open since before somebody changed it. */
  function take(view: SummaryReview): void {
    const listed = items.value.find(({ contact_id }) => contact_id === view.contact_id)
    if (!listed || listed.version >= view.version) return
    const { version, reason, edited, distance, made_at: changed_at, account: { summary: { text, outcome }, support } } = view
    const verdict = view.verdicts.find((one) => one.version === version)?.verdict ?? null
    Object.assign(listed, { version, reason, edited, distance, changed_at, text, outcome, support, verdict, confirmed: Boolean(view.confirmed_at) } satisfies Partial<SummaryItem>)
  }

  function mark(id: string, verdict: Finding | null): void {
    const listed = items.value.find(({ contact_id }) => contact_id === id)
    if (listed) listed.verdict = verdict
  }

  return { items, state, leapt, hasMore: computed(() => next.value !== null), reload: () => load(), more: () => (next.value ? load(next.value) : Promise.resolve()), beside, unjudgedAfter, take, mark }
}
