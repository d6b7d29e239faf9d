import { describe, expect, it } from 'vitest'
import { VisitorTalk, type VisitorFrame } from './talk'

const said = (seq: number): VisitorFrame => ({ stream: 'talk', seq, type: 'message', v: 1, data: { message: { id: `m${seq}`, seq, author: 'operator', text: `${seq}`, at: '2026-11-25T09:30:00Z', attachments: [] } } })
const accepted = (id: string, seq: number): VisitorFrame => ({ stream: 'talk', seq: null, type: 'accepted', v: 1, data: { id, seq } })

describe('the visitor’s talk', () => {
  it('asks again at a hole and then shows everything in order, once', () => {
    const talk = new VisitorTalk()
    expect(talk.take(said(1))).toBe(false)
    expect(talk.take(said(3))).toBe(true)
    expect(talk.messages.map(({ seq }) => seq)).toEqual([1])
    expect(talk.take(said(2))).toBe(false)
    talk.take(said(2))
    expect(talk.messages.map(({ seq }) => seq)).toEqual([1, 2, 3])
  })

  it('shows an accepted text as unsent until the talk itself has it, so that it is never seen twice or not at all', () => {
    const talk = new VisitorTalk()
    talk.add('c1', 'где заказ', '2026-11-25T09:30:00Z')
    talk.take(accepted('c1', 1))
    expect(talk.unsent).toHaveLength(1)
    talk.take(said(1))
    expect(talk.unsent).toEqual([])
    expect(talk.messages).toHaveLength(1)
  })

  it('drops a text whose message came before its acknowledgement', () => {
    const talk = new VisitorTalk()
    talk.add('c1', 'где заказ', '2026-11-25T09:30:00Z')
    talk.take(said(1))
    expect(talk.unsent).toHaveLength(1)
    talk.take(accepted('c1', 1))
    expect(talk.unsent).toEqual([])
  })
})
