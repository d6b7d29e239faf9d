import { useQueryCache } from '@pinia/colada'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { currentSession, putPresence, signIn as postSession, signOut as deleteSession, type Me, type PresenceState, type Role } from '@/client'
import { ask, once, Refused, whenSessionEnds } from './requests'

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  const asked = ref(false)
  /** True when the server ended a session that the operator did not sign out of. */
  const ended = ref(false)

  const operatorId = computed(() => me.value?.operator.id ?? '')

  whenSessionEnds(() => {
    if (me.value) ended.value = true
    me.value = null
  })

  /** Asks the server who sits here; safe to call on every navigation. */
  async function restore(): Promise<void> {
    if (asked.value) return
    try {
      me.value = await ask(currentSession())
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem
    }
    asked.value = true
  }

  async function signIn(login: string, password: string): Promise<void> {
    const next = await ask(postSession({ body: { login, password } }))
    // whoever sat here before may have seen what the next one may not
    const answers = useQueryCache()
    answers.getEntries().forEach((entry) => answers.remove(entry))
    me.value = next
    asked.value = true
    ended.value = false
  }

  async function signOut(): Promise<void> {
    await ask(deleteSession({ ...once() }))
    me.value = null
    ended.value = false
  }

  async function setPresence(state: PresenceState): Promise<void> {
    const presence = await ask(putPresence({ body: { state }, ...once() }))
    if (me.value) me.value.presence = presence
  }

  function may(...roles: Role[]): boolean {
    return roles.some((role) => me.value?.operator.roles.includes(role))
  }

  return { me, asked, ended, operatorId, restore, signIn, signOut, setPresence, may }
})
