import { useI18n } from 'vue-i18n'
import { trendsAcknowledgeAlert, trendsCommentAlert, trendsJudgeAlert, trendsMuteAlert, type AlertVerdict, type TrendAlert } from '@/client'
import { serverNow } from '@/live/clock'
import { useOneByOne } from '@/session/oneByOne'
import { ask, once } from '@/session/requests'
import { useNotices } from '@/shell/notices'

const HOUR = 3_600_000
/** For how long an alert may be muted. */
export const MUTES = { hour: HOUR, shift: 8 * HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR }

/** What people do with an alert. Each act answers the alert as it stands after it. */
export function useAlertActs(id: () => string, changed: (alert: TrendAlert) => void) {
  const { t } = useI18n()
  const notices = useNotices()
  const { busy, run } = useOneByOne()

  function act(call: (alert_id: string) => ReturnType<typeof trendsAcknowledgeAlert>, refusal: string): Promise<boolean> {
    return run(null, async () => {
      try {
        changed(await ask(call(id())))
        return true
      } catch (problem) {
        notices.refused(refusal, problem)
        return false
      }
    })
  }

  return {
    busy,
    acknowledge: () => act((alert_id) => trendsAcknowledgeAlert({ path: { alert_id }, ...once() }), t('trends.not.acknowledged')),
    /** For how long in milliseconds; null: not any more. */
    mute: (length: number | null) => act((alert_id) => trendsMuteAlert({ path: { alert_id }, body: { until: length === null ? null : new Date(serverNow() + length).toISOString() }, ...once() }), t('trends.not.muted')),
    judge: (verdict: AlertVerdict) => act((alert_id) => trendsJudgeAlert({ path: { alert_id }, body: { verdict }, ...once() }), t('trends.not.judged')),
    comment: (text: string) => act((alert_id) => trendsCommentAlert({ path: { alert_id }, body: { text }, ...once() }), t('trends.not.commented')),
  }
}
