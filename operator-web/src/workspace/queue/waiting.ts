import type { ContactSummary, Urgency } from '@/client'
import { waitsSince } from '@/live/desk'

/** How long a customer has waited for an answer, against what was promised for such a matter. */
export type WaitLevel = 'ok' | 'soon' | 'over'

export interface Wait {
  level: WaitLevel
  /** Milliseconds waited; past the limit, milliseconds over it. */
  shown: number
}

const MINUTE = 60_000
/** [soon, limit] in milliseconds by urgency. */
const LIMITS: Record<Urgency, [number, number]> = { critical: [MINUTE / 2, MINUTE], high: [MINUTE, 2 * MINUTE], normal: [1.5 * MINUTE, 3 * MINUTE] }

export function waitOf(summary: ContactSummary, now: number): Wait | null {
  if (!summary.waiting_since && summary.state !== 'queued') return null
  const waited = Math.max(0, now - Date.parse(waitsSince(summary)))
  const [soon, limit] = LIMITS[summary.urgency?.value ?? 'normal']
  if (waited >= limit) return { level: 'over', shown: waited - limit }
  return { level: waited >= soon ? 'soon' : 'ok', shown: waited }
}
