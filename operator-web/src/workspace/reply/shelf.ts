import type { Suggestion } from '@/client'

export const SLOTS = ['reply', 'warning', 'offer'] as const

export type Shelf = Record<(typeof SLOTS)[number], Suggestion | null>

export const emptyShelf = (): Shelf => ({ reply: null, warning: null, offer: null })

/**
 * What the shelf shows next. A suggestion never changes under a pressed key: a newer one takes a filled slot only when
 * the customer has written since that slot was filled, or when the one shown is gone (used, dismissed).
 */
export function nextShelf(shown: Shelf, suggestions: Suggestion[], lastCustomerSeq: number): Shelf {
  const next = emptyShelf()
  for (const slot of SLOTS) {
    const newest = suggestions.filter(({ kind }) => kind === slot).reduce<Suggestion | null>((best, one) => (best && best.as_of_seq > one.as_of_seq ? best : one), null)
    const kept = shown[slot]
    const stays = kept !== null && suggestions.some(({ id }) => id === kept.id) && lastCustomerSeq <= kept.as_of_seq
    next[slot] = stays ? kept : newest
  }
  return next
}
