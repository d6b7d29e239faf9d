import { useDebounceFn } from '@vueuse/core'
import { onScopeDispose, ref, watch } from 'vue'
import { putDraft, type Contact } from '@/client'
import { serverNow } from '@/live/clock'
import { keepDraft, laterDraft, readDraft } from '@/live/drafts'
import { useLive } from '@/live/live'
import { ask, once } from '@/session/requests'

const SAVE_AFTER = 700

/** none: nothing written. here: in this browser only, for now. saved: the server has it too. */
export type DraftState = 'none' | 'here' | 'saved'

/** The reply being written: kept in the browser at each key and on the server when the hand rests. */
export function useDraft(contact: Contact) {
  const live = useLive()
  const start = laterDraft(readDraft(contact.id), contact.draft ?? null)
  const text = ref(start?.text ?? '')
  const state = ref<DraftState>(text.value === '' ? 'none' : start?.text === contact.draft?.text ? 'saved' : 'here')
  let unsaved = state.value === 'here'

  async function save(): Promise<void> {
    if (!unsaved || live.state !== 'open') return
    const saving = text.value
    unsaved = false
    try {
      const { saved_at } = await ask(putDraft({ path: { id: contact.id }, body: { text: saving }, ...once() }))
      contact.draft = saving === '' ? null : { text: saving, saved_at }
      if (text.value === saving) state.value = saving === '' ? 'none' : 'saved'
    } catch {
      unsaved = true // the browser holds it; the next pause or the next connection tries again
    }
  }

  const saveSoon = useDebounceFn(save, SAVE_AFTER)

  watch(text, (now) => {
    keepDraft(contact.id, now, new Date(serverNow()).toISOString())
    unsaved = true
    state.value = now === '' ? 'none' : 'here'
    void saveSoon()
  })
  watch(
    () => live.state,
    () => void save(),
    { immediate: true },
  )
  onScopeDispose(() => void save())

  return { text, state }
}
