import { describe, expect, it } from 'vitest'
import type { ContactSummary, Urgency } from '@/client'
import { waitOf } from '@/workspace/queue/waiting'
import { applyDeskFrame, emptyDesk, mineOf, waitingOf } from './desk'

function summary(id: string, change: Partial<ContactSummary>): ContactSummary {
  return { id, customer_id: id, customer_name: id, channel: 'site', account_name: 'a', brand: 'b', city: null, time_zone: null, state: 'queued', operator: null, seq: 1, opened_at: '2026-11-25T09:00:00Z', queued_at: '2026-11-25T09:00:00Z', state_since: '2026-11-25T09:00:00Z', closed_at: null, waiting_since: null, last_message: null, unread: 0, language: null, topic: null, class: null, urgency: null, sentiment: null, ...change }
}
const urgent = (value: Urgency) => ({ value, score: 1 })
const frame = (type: string, data: unknown) => ({ stream: 'me', seq: 2, type, v: 1, data }) as Parameters<typeof applyDeskFrame>[1]

describe('the desk', () => {
  it('ranks the waiting by urgency, then by how long they wait', () => {
    const desk = emptyDesk()
    const queue = [
      summary('late', { waiting_since: '2026-11-25T09:05:00Z' }),
      summary('early', { waiting_since: '2026-11-25T09:01:00Z' }),
      summary('ill', { urgency: urgent('critical'), waiting_since: '2026-11-25T09:09:00Z' }),
    ]
    applyDeskFrame(desk, frame('queue', { mine: [], queue }))
    expect(waitingOf(desk).map(({ id }) => id)).toEqual(['ill', 'early', 'late'])
  })

  it('never lets an older summary overwrite a newer one', () => {
    const desk = emptyDesk()
    applyDeskFrame(desk, frame('contact', summary('a', { seq: 5, unread: 2 })))
    applyDeskFrame(desk, frame('contact', summary('a', { seq: 4, unread: 0 })))
    expect(desk.contacts.a?.unread).toBe(2)
  })

  it('moves a contact from the queue to the one who took it, and lets it go', () => {
    const desk = emptyDesk()
    applyDeskFrame(desk, frame('contact', summary('a', {})))
    applyDeskFrame(desk, frame('contact', summary('a', { seq: 2, state: 'active', operator: { id: 'me', name: 'M' } })))
    expect(waitingOf(desk)).toEqual([])
    expect(mineOf(desk, 'me')).toHaveLength(1)
    expect(mineOf(desk, 'other')).toEqual([])
    applyDeskFrame(desk, frame('contact_gone', { id: 'a', seq: 3 }))
    expect(mineOf(desk, 'me')).toEqual([])
  })
})

describe('waiting', () => {
  const at = (seconds: number) => Date.parse('2026-11-25T09:00:00Z') + seconds * 1000
  const waiting = summary('a', { waiting_since: '2026-11-25T09:00:00Z' })

  it('has three levels, the last of which counts what is over', () => {
    expect(waitOf(waiting, at(10))).toEqual({ level: 'ok', shown: 10_000 })
    expect(waitOf(waiting, at(100))).toEqual({ level: 'soon', shown: 100_000 })
    expect(waitOf(waiting, at(200))).toEqual({ level: 'over', shown: 20_000 })
  })

  it('is shorter for what is critical, and absent when nobody waits', () => {
    expect(waitOf({ ...waiting, urgency: urgent('critical') }, at(61))?.level).toBe('over')
    expect(waitOf({ ...waiting, state: 'active', waiting_since: null }, at(500))).toBeNull()
  })
})
