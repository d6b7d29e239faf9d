import { describe, expect, it } from 'vitest'
import type { TrendAlert } from '@/client'
import { alertsInForce, applyAlertFrame, emptyAlerts, takeAlert } from './alerts'
import type { AlertFrame } from './frames'

const now = Date.parse('2026-11-26T12:00:00Z')
const alert = (id: string, seq: number, change: Partial<TrendAlert> = {}) => ({ id, seq, state: 'open', began: `2026-11-26T1${seq % 10}:00:00Z`, ...change }) as TrendAlert
const frame = (seq: number, type: string, data: unknown) => ({ stream: 'alerts', v: 1, seq, type, data }) as unknown as AlertFrame

describe('the stream of alerts', () => {
  it('begins with the whole and goes on frame by frame', () => {
    const alerts = emptyAlerts()
    expect(applyAlertFrame(alerts, frame(7, 'alert', alert('early', 7)))).toBe(true)
    expect(alerts.running).toEqual({})
    expect(applyAlertFrame(alerts, frame(7, 'alerts', { alerts: [alert('a', 5)] }))).toBe(true)
    expect(applyAlertFrame(alerts, frame(8, 'alert', alert('b', 8)))).toBe(true)
    expect(applyAlertFrame(alerts, frame(9, 'alert', alert('a', 9, { state: 'ended' })))).toBe(true)
    expect([Object.keys(alerts.running), alerts.seq, alerts.whole, alerts.changes]).toEqual([['b'], 9, true, 3])
  })

  it('asks for the whole where a number is missing, and drops what it has seen', () => {
    const alerts = emptyAlerts()
    applyAlertFrame(alerts, frame(7, 'alerts', { alerts: [] }))
    expect(applyAlertFrame(alerts, frame(9, 'alert', alert('c', 9)))).toBe(false)
    expect(applyAlertFrame(alerts, frame(7, 'alert', alert('old', 7)))).toBe(true)
    expect([alerts.running, alerts.seq]).toEqual([{}, 7])
    expect(applyAlertFrame(alerts, frame(8, 'skip', { to: 12 }))).toBe(true)
    expect(applyAlertFrame(alerts, frame(13, 'alert', alert('d', 13)))).toBe(true)
    expect(alerts.seq).toBe(13)
  })

  it('never puts an older state in a newer one’s place', () => {
    const alerts = emptyAlerts()
    takeAlert(alerts, alert('a', 9, { state: 'acknowledged' }))
    takeAlert(alerts, alert('a', 8))
    expect(alerts.running.a?.state).toBe('acknowledged')
  })

  it('knows those worth a look', () => {
    const alerts = emptyAlerts()
    const list = [alert('a', 1), alert('b', 2, { state: 'acknowledged' }), alert('c', 3, { muted_until: '2026-11-26T13:00:00Z' }), alert('d', 4, { verdict: 'noise' }), alert('e', 5, { muted_until: '2026-11-26T11:00:00Z' })]
    for (const one of list) takeAlert(alerts, one)
    expect(alertsInForce(alerts, now).map(({ id }) => id)).toEqual(['e', 'b', 'a'])
  })
})
