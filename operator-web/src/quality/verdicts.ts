import { useQueryCache } from '@pinia/colada'
import { useEventListener } from '@vueuse/core'
import { onScopeDispose, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { qualityJudgeSummary } from '@/client'
import { ask, once, Refused } from '@/session/requests'
import { useNotices } from '@/shell/notices'
import { HeldVerdict, type GivenVerdict } from './heldVerdict'

/** Verdicts on summaries: shown at once, sent a moment later, undone in between. */
export function useVerdicts(mark: (id: string, verdict: GivenVerdict['verdict'] | null) => void) {
  const { t } = useI18n()
  const notices = useNotices()
  const cache = useQueryCache()
  const held = shallowRef<GivenVerdict | null>(null)
  /** The last one that came too late: somebody had changed its summary while it was held. */
  const late = shallowRef<GivenVerdict | null>(null)
  let left = false

  async function send(given: GivenVerdict): Promise<void> {
    const { contact_id, version, verdict, field, comment, before } = given
    try {
      // the page may be closing: the browser then carries the request to its end
      await ask(qualityJudgeSummary({ path: { contact_id }, body: { version, verdict, field, comment }, keepalive: true, ...once() }))
      void cache.invalidateQueries({ key: ['quality-figures'] })
    } catch (problem) {
      const changed = problem instanceof Refused && problem.code === 'conflict'
      mark(contact_id, changed ? null : before)
      // who has left the list sees no line of it
      if (changed && !left) late.value = given
      else notices.refused(t('quality.not_judged'), problem)
    }
    void cache.invalidateQueries({ key: ['review', contact_id] })
  }

  const last = new HeldVerdict((given) => void send(given), (now) => (held.value = now))
  useEventListener(window, 'pagehide', () => last.flush())
  onScopeDispose(() => {
    left = true
    last.flush()
  })

  function give(given: GivenVerdict): void {
    mark(given.contact_id, given.verdict)
    if (late.value?.contact_id === given.contact_id) late.value = null
    last.give(given)
  }

  /** The verdict taken back, so that its summary can be shown again. */
  function undo(): GivenVerdict | null {
    const taken = last.undo()
    if (taken) mark(taken.contact_id, taken.before)
    return taken
  }

  return { held, late, give, undo }
}
