import { useEventListener } from '@vueuse/core'
import { onScopeDispose, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { qualityJudgeSummary } from '@/client'
import { ask, once } from '@/session/requests'
import { useNotices } from '@/shell/notices'
import { HeldVerdict, type GivenVerdict } from './heldVerdict'

/** Verdicts on summaries: shown at once, sent a moment later, undone in between. */
export function useVerdicts(mark: (id: string, verdict: GivenVerdict['verdict'] | null) => void) {
  const { t } = useI18n()
  const notices = useNotices()
  const held = shallowRef<GivenVerdict | null>(null)

  function send({ contact_id, version, verdict, field, comment, before }: GivenVerdict): void {
    // the page may be closing: the browser then carries the request to its end
    ask(qualityJudgeSummary({ path: { contact_id }, body: { version, verdict, field, comment }, keepalive: true, ...once() })).catch((problem) => {
      mark(contact_id, before)
      notices.refused(t('quality.not_judged'), problem)
    })
  }

  const last = new HeldVerdict(send, (now) => (held.value = now))
  useEventListener(window, 'pagehide', () => last.flush())
  onScopeDispose(() => last.flush())

  function give(given: GivenVerdict): void {
    mark(given.contact_id, given.verdict)
    last.give(given)
  }

  /** The verdict taken back, so that its summary can be shown again. */
  function undo(): GivenVerdict | null {
    const taken = last.undo()
    if (taken) mark(taken.contact_id, taken.before)
    return taken
  }

  return { held, give, undo }
}
