import type { TrendAlert } from '@/client'
import type { AlertFrame } from './frames'

/** Alerts that have not ended, as the stream `alerts` tells of them, by id. */
export interface Alerts {
  running: Record<string, TrendAlert>
  /** The last number of the stream that is shown. */
  seq: number
  /** False until the first whole answer. */
  whole: boolean
  /** Goes up with each alert that began, changed or ended, for lists that are asked for. */
  changes: number
}

export const emptyAlerts = (): Alerts => ({ running: {}, seq: 0, whole: false, changes: 0 })

/** Applies one frame; false where something before it was missed and all must be asked for anew. */
export function applyAlertFrame(alerts: Alerts, frame: AlertFrame): boolean {
  if (frame.type === 'alerts') {
    alerts.running = Object.fromEntries(frame.data.alerts.map((alert) => [alert.id, alert]))
    alerts.whole = true
  } else {
    if (!alerts.whole) return true // the whole is on its way, with this in it
    if (frame.seq <= alerts.seq) return true
    if (frame.seq > alerts.seq + 1) return false
    if (frame.type === 'alert') takeAlert(alerts, frame.data)
  }
  alerts.seq = frame.type === 'skip' ? Math.max(frame.seq, frame.data.to) : frame.seq
  alerts.changes += 1
  return true
}

/** An alert from a frame or from an answer, whichever comes first: an older one never takes a newer one's place. */
export function takeAlert(alerts: Alerts, alert: TrendAlert): void {
  const known = alerts.running[alert.id]
  if (known && known.seq > alert.seq) return
  if (alert.state === 'ended') delete alerts.running[alert.id]
  else alerts.running[alert.id] = alert
}

/** Those worth a look, newest first: neither muted nor judged to be nothing. */
export function alertsInForce(alerts: Alerts, now: number): TrendAlert[] {
  return newestFirst(Object.values(alerts.running).filter(({ muted_until, verdict }) => verdict !== 'noise' && !(muted_until && Date.parse(muted_until) > now)))
}

export const newestFirst = (alerts: TrendAlert[]): TrendAlert[] => alerts.sort((a, b) => Date.parse(b.began) - Date.parse(a.began) || (a.id < b.id ? 1 : -1))
