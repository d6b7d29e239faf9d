import { computed, ref, watch, type Ref } from 'vue'
import { fieldsOf, keepEdit, readEdit, refusedField, summaryOf, type Edit } from './editing'
import type { SummaryView } from '@/client'

/** The edit of a contact's summary, if one is under way: kept in the browser at each key. */
export function useEdit(contactId: string, view: Readonly<Ref<SummaryView | null | undefined>>) {
  const edit = ref<Edit | null>(readEdit(contactId))
  /** The version that came while an older one is being edited. */
  const newer = computed(() => (edit.value && view.value && view.value.version > edit.value.version ? view.value : null))
  watch(edit, (now) => keepEdit(contactId, now), { deep: true })

  function start(): void {
    if (view.value) edit.value = { version: view.value.version, fields: fieldsOf(view.value.account.summary) }
  }

  /** What is typed shall follow the newer version. */
  function rebase(): void {
    if (edit.value && newer.value) edit.value.version = newer.value.version
  }

  function end(): void {
    edit.value = null
  }

  /** As the server takes it. */
  const typed = computed(() => (edit.value ? summaryOf(edit.value.fields) : null))
  /** Whether the server would take it: nothing is too long, and no newer version waits for a choice. */
  const ready = computed(() => edit.value !== null && newer.value === null && refusedField(edit.value.fields) === null)
  return { edit, typed, newer, ready, start, rebase, end }
}
