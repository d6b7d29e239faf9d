import { computed, onScopeDispose, ref, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { askSummary, confirmSummary, editSummary, getSummary, type Message, type Summary, type SummaryView } from '@/client'
import { takeSummary, type Talk } from '@/live/talk'
import { ask, once, Refused } from '@/session/requests'
import { useNotices } from '@/shell/notices'

const NOTHING_NEWER = 204
const ASKED_FOR_MOST = 30_000 // ms after which the button may be pressed again: the answer comes by the contact's stream

/** How many messages the summary does not know as they are now: those that came after what it rests on, and those that were put right after it was made. */
export function unknownTo(view: Pick<SummaryView, 'as_of_seq' | 'made_at'> | null | undefined, messages: Pick<Message, 'kind' | 'text' | 'seq' | 'edited_at'>[]): number {
  const isTurn = ({ kind, text }: Pick<Message, 'kind' | 'text'>) => text && kind !== 'note' && kind !== 'phone'
  const isNew = ({ seq, edited_at }: Pick<Message, 'seq' | 'edited_at'>) => !view || seq > view.as_of_seq || (edited_at && Date.parse(edited_at) > Date.parse(view.made_at))
  return messages.filter((message) => isTurn(message) && isNew(message)).length
}

/** The summary of an open contact as it is now, and what may be done about it. Newer versions come by the contact's stream. */
export function useSummary(talk: Ref<Talk>) {
  const { t } = useI18n()
  const notices = useNotices()
  const failed = ref(false)
  const asked = ref(false)
  const busy = ref(false)
  const view = computed(() => talk.value.summary)
  const unread = computed(() => unknownTo(view.value, talk.value.contact.messages))

  async function load(): Promise<void> {
    const its = talk.value
    failed.value = false
    try {
      takeSummary(its, await ask(getSummary({ path: { id: its.contact.id } })))
    } catch (problem) {
      if (problem instanceof Refused && problem.code === 'not_found') takeSummary(its, null)
      else if (talk.value === its) failed.value = true
    }
  }
  // a talk whose stream broke off is fetched anew, and the answer that was on its way to the one before does not reach it
  watch(
    () => (view.value === undefined ? talk.value : null),
    (missing) => {
      if (missing) void load()
    },
    { immediate: true },
  )

  let patience: ReturnType<typeof setTimeout> | undefined
  watch(() => view.value?.version, () => (asked.value = false))
  onScopeDispose(() => clearTimeout(patience))

  async function askForOne(): Promise<void> {
    if (asked.value) return
    asked.value = true
    clearTimeout(patience)
    patience = setTimeout(() => (asked.value = false), ASKED_FOR_MOST)
    try {
      const asking = askSummary({ path: { id: talk.value.contact.id }, ...once() })
      await ask(asking)
      if ((await asking).response?.status !== NOTHING_NEWER) return
      asked.value = false
      notices.say(t('summary.up_to_date'))
    } catch (problem) {
      asked.value = false
      notices.refused(t('summary.not.asked'), problem)
    }
  }

  /** The version it made; none: it was not done. A newer version in the way is fetched, so that it stands before the eyes. */
  async function write(act: 'saved' | 'confirmed', call: (id: string) => Promise<SummaryView>): Promise<SummaryView | null> {
    if (busy.value) return null
    const its = talk.value
    busy.value = true
    try {
      const written = await call(its.contact.id)
      takeSummary(its, written)
      return written
    } catch (problem) {
      if (problem instanceof Refused && problem.code === 'conflict') await load()
      notices.refused(t(`summary.not.${act}`), problem)
      return null
    } finally {
      busy.value = false
    }
  }

  return {
    view,
    failed,
    asked,
    busy,
    unread,
    load,
    askForOne,
    save: (version: number, summary: Summary) => write('saved', (id) => ask(editSummary({ path: { id }, body: { version, summary }, ...once() }))),
    confirm: (version: number) => write('confirmed', (id) => ask(confirmSummary({ path: { id }, body: { version }, ...once() }))),
  }
}
