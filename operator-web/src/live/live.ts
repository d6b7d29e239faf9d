import { defineStore } from 'pinia'
import { computed, reactive, ref } from 'vue'
import { getContact, type ContactSummary, type TrendAlert } from '@/client'
import { ask } from '@/session/requests'
import { useSession } from '@/session/session'
import { alertsInForce, applyAlertFrame, emptyAlerts, takeAlert } from './alerts'
import { now, setServerTime } from './clock'
import { Connection, type ConnectionState } from './connection'
import { applyDeskFrame, emptyDesk, mineOf, upsert, waitingOf } from './desk'
import type { Command, DeskFrame } from './frames'
import { Streams } from './streams'
import { applyFrame, applyPassing, openTalk, type Talk } from './talk'

const CACHED_TALKS = 30
const ASK_AGAIN_EVERY = 3000

/** What the server pushes, as the page holds it: the operator's desk and every open or cached contact. */
export const useLive = defineStore('live', () => {
  const session = useSession()
  const state = ref<ConnectionState>('connecting')
  const cutAt = ref<number | null>(null)
  const desk = reactive(emptyDesk())
  const alerts = reactive(emptyAlerts())
  const alarms = computed(() => alertsInForce(alerts, now.value))
  const talks = reactive<Record<string, Talk>>({})
  const mine = computed(() => mineOf(desk, session.operatorId))
  const waiting = computed(() => waitingOf(desk))

  let connection: Connection | null = null
  let again: ReturnType<typeof setInterval> | undefined
  let viewed: string | null = null
  const opening = new Map<string, Promise<void>>()

  const streams = new Streams((command) => connection?.send(command), {
    contact(id, frames) {
      const talk = talks[id]
      if (!talk) return
      for (const frame of frames) {
        applyFrame(talk, frame)
        if (frame.type === 'message') talk.typing[frame.data.message.author === 'operator' ? 'operator' : 'customer'] = null
      }
    },
    passing(id, frame) {
      const talk = talks[id]
      if (talk) applyPassing(talk, frame)
    },
    // the log no longer reaches back to what the page holds
    reset: (id) => void fetchTalk(id),
    desk: takeDeskFrame,
    alerts: (frame) => applyAlertFrame(alerts, frame),
  })

  function takeDeskFrame(frame: DeskFrame): void {
    if (frame.type === 'hello') setServerTime(frame.data.server_time)
    else if (frame.type === 'presence' && session.me) session.me.presence = frame.data
    else applyDeskFrame(desk, frame)
  }

  function start(): void {
    stop()
    const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/live`
    connection = new Connection(url, {
      state(next) {
        if (next === 'open') cutAt.value = null
        else if (next === 'cut' && cutAt.value === null) cutAt.value = now.value
        if (next !== 'connecting' || state.value !== 'cut') state.value = next
        if (next === 'ended') session.$patch({ me: null, ended: true })
      },
      opened() {
        streams.opened()
        if (viewed) send({ type: 'viewing', contact_id: viewed })
      },
      frame: (frame) => streams.receive(frame),
    })
    connection.open()
    again = setInterval(() => streams.askAgain(), ASK_AGAIN_EVERY)
  }

  function stop(): void {
    connection?.close()
    connection = null
    clearInterval(again)
    for (const id of Object.keys(talks)) forget(id)
    Object.assign(desk, emptyDesk())
    Object.assign(alerts, emptyAlerts())
  }

  /** Fetches a contact and follows it; one already held is whole and needs no request. */
  async function open(id: string): Promise<void> {
    viewed = id
    send({ type: 'viewing', contact_id: id })
    if (talks[id]) return
    const under = opening.get(id) ?? fetchTalk(id).finally(() => opening.delete(id))
    opening.set(id, under)
    await under
  }

  async function fetchTalk(id: string): Promise<void> {
    const contact = await ask(getContact({ path: { id } }))
    talks[id] = openTalk(contact)
    streams.follow(id, contact.seq)
    const held = Object.keys(talks)
    for (const old of held.slice(0, Math.max(0, held.length - CACHED_TALKS))) if (old !== viewed && old !== id) forget(old)
  }

  function forget(id: string): void {
    streams.unfollow(id)
    delete talks[id]
  }

  function leave(): void {
    viewed = null
    send({ type: 'viewing', contact_id: null })
  }

  function send(command: Command): void {
    connection?.send(command)
  }

  /** The answer of a request is as good as a frame: shown at once, and never older than what is held. */
  function took(summary: ContactSummary): void {
    upsert(desk, summary)
  }

  return { state, cutAt, desk, alerts, alarms, talks, mine, waiting, start, stop, open, leave, send, took, tookAlert: (alert: TrendAlert) => takeAlert(alerts, alert), reconnect: () => connection?.now() }
})
