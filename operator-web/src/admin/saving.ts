import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { newKey } from '@/session/requests'
import { reasonOf, useNotices } from '@/shell/notices'

/** Saves a form once, however often it is pressed: one key until the server has answered. */
export function useSaving(emit: { (event: 'done'): void; (event: 'close'): void }) {
  const { t } = useI18n()
  const notices = useNotices()
  const busy = ref(false)
  const problem = ref('')
  let key = newKey()

  async function run(save: (key: string) => Promise<unknown>): Promise<void> {
    if (busy.value) return
    busy.value = true
    problem.value = ''
    try {
      await save(key)
      notices.say(t('admin.saved'))
      emit('done')
      emit('close')
    } catch (refusal) {
      problem.value = reasonOf(refusal)
      key = newKey()
    } finally {
      busy.value = false
    }
  }

  return { busy, problem, run }
}
