import { defineStore } from 'pinia'
import { ref } from 'vue'
import { i18n } from '@/locales'
import { NoAnswer, Refused } from '@/session/requests'

export interface Notice {
  id: number
  text: string
  bad: boolean
}

const SHOWN_FOR = 8000
const ALL: Refused['code'][] = ['already_done', 'conflict', 'forbidden', 'not_found', 'rate_limited', 'too_large', 'unavailable']

/** Short words about what just happened, in a corner; they go by themselves, nothing in them is needed later. */
export const useNotices = defineStore('notices', () => {
  const shown = ref<Notice[]>([])
  let last = 0

  function say(text: string, bad = false): void {
    const id = (last += 1)
    shown.value = [...shown.value, { id, text, bad }].slice(-3)
    setTimeout(() => dismiss(id), SHOWN_FOR)
  }

  function dismiss(id: number): void {
    shown.value = shown.value.filter((notice) => notice.id !== id)
  }

  /** Says why an act did not happen; `what` is the sentence that names the act. */
  function refused(what: string, problem: unknown): void {
    say(`${what} ${reasonOf(problem)}`, true)
  }

  return { shown, say, dismiss, refused }
})

export function reasonOf(problem: unknown): string {
  const { t } = i18n.global
  if (problem instanceof NoAnswer) return t('errors.no_answer')
  if (problem instanceof Refused && ALL.includes(problem.code)) return t(`errors.${problem.code}`)
  return problem instanceof Refused && problem.body.message ? problem.body.message : t('errors.internal')
}
