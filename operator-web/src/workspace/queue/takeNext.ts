import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { takeNext } from '@/client'
import { useLive } from '@/live/live'
import { ask, once, Refused } from '@/session/requests'
import { useNotices } from '@/shell/notices'

/** Takes the next contact by the queue's rank and opens it. */
export function useTakeNext() {
  const { t } = useI18n()
  const router = useRouter()
  const live = useLive()
  const notices = useNotices()
  const busy = ref(false)

  async function run(): Promise<void> {
    if (busy.value) return
    busy.value = true
    try {
      const contact = await ask(takeNext({ ...once() }))
      if (!contact?.id) return notices.say(t('queue.nobody_waits'))
      live.took(contact)
      await router.push({ name: 'talk', params: { id: contact.id } })
    } catch (problem) {
      if (problem instanceof Refused && problem.code === 'conflict') notices.say(t('queue.full'), true)
      else notices.refused(t('queue.not_taken'), problem)
    } finally {
      busy.value = false
    }
  }

  return { busy, run }
}
