import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { acceptContact, closeContact, finishContact, holdContact, reopenContact, resumeContact, transferContact, type ContactSummary, type Outcome, type Topic, type TransferTarget } from '@/client'
import { useLive } from '@/live/live'
import type { Talk } from '@/live/talk'
import { useOneByOne } from '@/session/oneByOne'
import { ask, once } from '@/session/requests'
import { useSession } from '@/session/session'
import { useNotices } from '@/shell/notices'

/** What the operator may do with the contact now, and the acts themselves. The new state comes back by the contact's stream. */
export function useLifecycle(talk: Ref<Talk | null>) {
  const { t } = useI18n()
  const live = useLive()
  const session = useSession()
  const notices = useNotices()
  const { busy, run } = useOneByOne()
  const contact = computed(() => talk.value?.contact ?? null)
  const mine = computed(() => contact.value?.operator?.id === session.operatorId)
  const may = computed(() => {
    const state = contact.value?.state
    const writes = mine.value && (state === 'active' || state === 'held')
    return {
      accept: state === 'queued' || (state === 'offered' && mine.value),
      write: writes,
      hold: mine.value && state === 'active',
      resume: mine.value && state === 'held',
      transfer: writes,
      finish: writes,
      close: mine.value && state === 'wrap_up',
      reopen: state === 'closed' || state === 'abandoned' || (mine.value && state === 'wrap_up'),
    }
  })

  async function act(name: string, call: (id: string) => Promise<ContactSummary>): Promise<boolean> {
    const id = contact.value?.id
    if (!id) return false
    return run(`${name} ${id}`, async () => {
      try {
        live.took(await call(id))
        return true
      } catch (problem) {
        notices.refused(t(`act.not.${name}`), problem)
        return false
      }
    })
  }

  return {
    busy,
    mine,
    may,
    accept: () => act('accept', (id) => ask(acceptContact({ path: { id }, ...once() }))),
    hold: () => act('hold', (id) => ask(holdContact({ path: { id }, ...once() }))),
    resume: () => act('resume', (id) => ask(resumeContact({ path: { id }, ...once() }))),
    finish: () => act('finish', (id) => ask(finishContact({ path: { id }, ...once() }))),
    reopen: () => act('reopen', (id) => ask(reopenContact({ path: { id }, ...once() }))),
    close: (outcome: Outcome, topic: Topic | null) => act('close', (id) => ask(closeContact({ path: { id }, body: { outcome, topic }, ...once() }))),
    transfer: (to: TransferTarget, note: string | null) => act('transfer', (id) => ask(transferContact({ path: { id }, body: { to, note }, ...once() }))),
  }
}

export type Lifecycle = ReturnType<typeof useLifecycle>
