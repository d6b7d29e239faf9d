import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Contact, Frame, Message } from '@/client'
import type { Command, ContactFrame } from './frames'
import { Streams } from './streams'
import { applyFrame, openTalk } from './talk'

const ID = '0198c0de-0000-7000-8000-000000000001'

function message(seq: number, text: string): Message {
  return { id: `m${seq}`, contact_id: ID, seq, author: 'customer', operator: null, kind: 'text', text, edited_at: null, at: '2026-11-25T09:30:00Z', received_at: '2026-11-25T09:30:00Z', delivery: 'none', delivery_error: null, attachments: [], segment: null, reading: null, template_id: null, suggestion_id: null }
}

function blank(): Contact {
  return { id: ID, customer_id: ID, customer_name: 'А', channel: 'site', account_name: 'a', brand: 'b', city: null, time_zone: null, state: 'active', operator: null, seq: 0, opened_at: '2026-11-25T09:30:00Z', queued_at: '2026-11-25T09:30:00Z', state_since: '2026-11-25T09:30:00Z', closed_at: null, waiting_since: null, last_message: null, unread: 0, language: null, topic: null, class: null, urgency: null, sentiment: null, reading: null, draft: null, messages: [], earlier: null, suggestions: [], life: [] }
}

type Event = 'message' | 'edit' | 'reading' | 'state' | 'hidden'

/** The contact's log as the server keeps it: one frame for each seq, some of them not for this reader's eyes. */
function log(events: Event[]): ContactFrame[] {
  const said: number[] = []
  return events.map((event, n) => {
    const seq = n + 1
    const head = { stream: `contact/${ID}`, seq, v: 1 }
    const of = said.at(-1)
    if (event === 'edit' && of) return { ...head, type: 'message_changed', data: { message: message(of, `edited at ${seq}`) } }
    if (event === 'reading' && of) {
      const reading = { insight_id: `i${seq}`, as_of_seq: seq, topics: [], class: null, abstained: true, sentiment: { value: 'neutral', score: 1 }, urgency: { value: 'normal', score: 1 }, language: { value: 'ru', score: 1 }, mixed: false, corrected: {}, entities: [] } as const
      return { ...head, type: 'insight', data: { message_id: `m${of}`, reading: { ...reading, topics: [], entities: [] } } } as ContactFrame
    }
    if (event === 'state') return { ...head, type: 'state', data: { contact: { ...blank(), seq }, state: 'active', by: null } } as unknown as ContactFrame
    if (event === 'hidden') return { ...head, type: 'skip', data: { to: seq } }
    said.push(seq)
    return { ...head, type: 'message', data: { message: message(seq, `said at ${seq}`) } }
  })
}

/** A server that answers `subscribe` with everything after `since`, one skip for a run of hidden frames. */
function replay(frames: ContactFrame[], since: number): ContactFrame[] {
  const out: ContactFrame[] = []
  for (const frame of frames.slice(since)) {
    const last = out.at(-1)
    if (frame.type === 'skip' && last?.type === 'skip') out[out.length - 1] = { ...last, data: { to: frame.data.to } }
    else out.push(frame)
  }
  return structuredClone(out)
}

const events = fc.array(fc.constantFrom<Event>('message', 'message', 'edit', 'reading', 'state', 'hidden'), { minLength: 1, maxLength: 40 })
/** What the network does next: deliver one frame from anywhere in the line, lose one, repeat one, write one, or cut. */
const network = fc.array(fc.tuple(fc.constantFrom('deliver', 'deliver', 'lose', 'repeat', 'write', 'cut'), fc.nat(50)), { maxLength: 150 })

describe('streams over a bad network', () => {
  it('end in the server’s state, and never show a hole, a repeat or a wrong order on the way', () => {
    fc.assert(
      fc.property(events, network, fc.nat(10), (written, weather, snapshotAt) => {
        const all = log(written)
        let writtenSeq = Math.min(snapshotAt, all.length)
        const start = openTalk(structuredClone(blank()))
        for (const frame of replay(all.slice(0, writtenSeq), 0)) applyFrame(start, frame)

        const talk = start
        const shown: number[] = []
        let line: Frame[] = []
        const streams = new Streams(
          (command: Command) => {
            if (command.type === 'subscribe') line.push(...replay(all.slice(0, writtenSeq), command.since))
          },
          {
            contact(_, frames) {
              for (const frame of frames) {
                shown.push(frame.seq)
                applyFrame(talk, frame)
              }
            },
            passing() {},
            reset() {},
            desk() {},
            alerts: () => true,
          },
        )
        streams.follow(ID, writtenSeq)

        for (const [act, at] of weather) {
          const n = line.length > 0 ? at % line.length : 0
          if (act === 'write' && writtenSeq < all.length) line.push(structuredClone(all[writtenSeq++]!))
          else if (act === 'cut') {
            line = []
            streams.opened()
          } else if (line.length === 0) continue
          else if (act === 'repeat') streams.receive(structuredClone(line[n]!))
          else {
            const [frame] = line.splice(n, 1)
            if (act === 'deliver') streams.receive(frame!)
          }
        }

        writtenSeq = all.length
        line = []
        streams.opened()
        for (let turns = 0; line.length > 0 && turns < 1000; turns += 1) streams.receive(line.shift()!)

        const server = openTalk(structuredClone(blank()))
        for (const frame of all) applyFrame(server, structuredClone(frame))
        expect(talk.contact.seq).toBe(all.length)
        expect(talk.contact.messages).toEqual(server.contact.messages)
        expect(talk.contact.life.map(({ seq }) => seq)).toEqual(server.contact.life.map(({ seq }) => seq))
        expect(shown).toEqual([...shown].sort((a, b) => a - b))
        expect(new Set(shown).size).toBe(shown.length)
      }),
      { seed: 20261125, numRuns: 500 },
    )
  })

  it('ask about one hole once, and again only when told', () => {
    const asked: Command[] = []
    const streams = new Streams((command) => asked.push(command), { contact() {}, passing() {}, reset() {}, desk() {}, alerts: () => true })
    const frames = log(['message', 'message', 'message', 'message'])
    streams.follow(ID, 0)
    streams.receive(frames[0]!)
    streams.receive(frames[2]!)
    streams.receive(frames[3]!)
    expect(asked).toEqual([{ type: 'subscribe', contact_id: ID, since: 0 }, { type: 'subscribe', contact_id: ID, since: 1 }])
    streams.askAgain()
    expect(asked).toHaveLength(3)
    streams.receive(frames[1]!)
    streams.askAgain()
    expect(asked).toHaveLength(3)
  })

  it('ask for a fresh snapshot when the desk’s own stream has a hole', () => {
    const asked: Command[] = []
    const streams = new Streams((command) => asked.push(command), { contact() {}, passing() {}, reset() {}, desk() {}, alerts: () => true })
    const gone = (seq: number): Frame => ({ stream: 'me', seq, type: 'contact_gone', v: 1, data: { id: ID, seq } })
    streams.receive({ stream: 'me', seq: 1, type: 'hello', v: 1, data: { operator_id: ID, connection_id: ID, server_time: '2026-11-25T09:30:00Z' } })
    streams.receive(gone(2))
    expect(asked).toEqual([])
    streams.receive(gone(4))
    expect(asked).toEqual([{ type: 'resync' }])
  })
  it('ask for all alerts on each connection, and again where one was missed', () => {
    const asked: Command[] = []
    let fits = true
    const streams = new Streams((command) => asked.push(command), { contact() {}, passing() {}, reset() {}, desk() {}, alerts: () => fits })
    const frame = { stream: 'alerts', seq: 3, type: 'alert', v: 1, data: {} } as unknown as Frame
    streams.opened()
    streams.receive(frame)
    expect(asked).toEqual([{ type: 'subscribe_alerts', since: null }])
    fits = false
    streams.receive(frame)
    expect(asked).toHaveLength(2)
  })
})
