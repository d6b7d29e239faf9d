import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { sendMessage, type NewMessage } from '@/client'
import { serverNow } from '@/live/clock'
import { useLive } from '@/live/live'
import { keepOutbox, newSending, notShown, readOutbox, withoutShown, type Sending } from '@/live/outbox'
import { ask, newKey, NoAnswer, once, Refused } from '@/session/requests'
import { useSession } from '@/session/session'
import { reasonOf } from '@/shell/notices'

/** Texts on their way to the server, kept over a reload. Each is asked for with one key for life. */
export const useSendings = defineStore('sendings', () => {
  const session = useSession()
  const live = useLive()
  const all = ref<Sending[]>([])

  watch(
    () => session.operatorId,
    (id) => (all.value = id ? readOutbox(id) : []),
    { immediate: true },
  )
  watch(
    all,
    (list) => {
      if (session.operatorId) keepOutbox(session.operatorId, list)
    },
    { deep: true },
  )
  // what the contact's own stream shows by now needs no place here
  watch(
    () => all.value.filter(({ state }) => state === 'accepted').map(({ contact_id }) => [contact_id, live.talks[contact_id]?.contact.seq] as const),
    (shown) => {
      for (const [id, seq] of shown) {
        const left = withoutShown(all.value, id, seq ?? Number.MAX_SAFE_INTEGER)
        // a new list of the same would wake this watcher for ever, until the stream can no longer bring the message
        if (left.length < all.value.length) all.value = left
      }
    },
  )
  // the stream has shown what no answer told: the fate is known after all
  watch(
    () => all.value.filter((sending) => sending.state === 'unknown' && !of(sending.contact_id).includes(sending)).map(({ key }) => key),
    (keys) => keys.forEach(drop),
  )
  watch(
    () => live.state,
    (state) => {
      if (state === 'open') for (const sending of all.value) if (sending.state === 'waiting') void attempt(sending.key)
    },
  )

  function of(contactId: string): Sending[] {
    const mine = all.value.filter((sending) => sending.contact_id === contactId && sending.state !== 'stale')
    return notShown(mine, live.talks[contactId]?.contact.messages ?? [], session.operatorId)
  }

  function staleOf(contactId: string): Sending | null {
    return all.value.find((sending) => sending.contact_id === contactId && sending.state === 'stale') ?? null
  }

  function submit(contactId: string, body: NewMessage): void {
    const sending = newSending(newKey(), contactId, body, live.talks[contactId]?.contact.seq ?? 0, new Date(serverNow()).toISOString(), live.state === 'open')
    all.value = [...all.value, sending]
    if (sending.state === 'sending') void attempt(sending.key)
  }

  /** Asks again, with the same key: the server does not store the text twice. */
  function repeat(key: string): void {
    void attempt(key)
  }

  /** Sends what was held back although newer messages exist; a new request, since the first was refused whole. */
  function sendAnyway(key: string): void {
    const held = all.value.find((sending) => sending.key === key)
    if (!held) return
    drop(key)
    submit(held.contact_id, { ...held.body, confirm_stale: true })
  }

  function drop(key: string): void {
    all.value = all.value.filter((sending) => sending.key !== key)
  }

  async function attempt(key: string): Promise<void> {
    const sending = all.value.find((known) => known.key === key)
    if (!sending) return
    sending.state = 'sending'
    sending.problem = null
    try {
      const message = await ask(sendMessage({ path: { id: sending.contact_id }, body: sending.body, ...once(key) }))
      sending.accepted = { id: message.id, seq: message.seq }
      sending.state = 'accepted'
      if (!live.talks[sending.contact_id]) drop(key)
    } catch (problem) {
      if (problem instanceof NoAnswer || (problem instanceof Refused && problem.uncertain)) sending.state = 'unknown'
      else if (problem instanceof Refused && problem.code === 'stale_draft') {
        sending.newer = problem.body.newer ?? []
        sending.state = 'stale'
      } else if (problem instanceof Refused && problem.code === 'already_done') drop(key) // the talk holds it
      else {
        sending.problem = reasonOf(problem)
        sending.state = 'refused'
      }
    }
  }

  return { all, of, staleOf, submit, repeat, sendAnyway, drop }
})
