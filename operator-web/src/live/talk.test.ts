import { describe, expect, it } from 'vitest'
import type { Contact, Message, SummaryView } from '@/client'
import type { ContactFrame } from './frames'
import { applyFrame, openTalk, takeSummary } from './talk'

const message = (id: string, seq: number, edited_at: string | null = null) => ({ id, seq, author: 'customer', kind: 'text', text: 'два супа', edited_at }) as Message
const frame = (seq: number, type: string, data: unknown) => ({ stream: 'contact/c', seq, type, data }) as unknown as ContactFrame

describe('what the writer of a reply has before their eyes', () => {
  it('is the last message, or the last edit of one, and nothing that only we added', () => {
    const talk = openTalk({ id: 'c', seq: 5, messages: [message('a', 2)], life: [], suggestions: [] } as unknown as Contact)
    expect(talk.saidSeq).toBe(5)
    applyFrame(talk, frame(6, 'message', { message: message('b', 6) }))
    applyFrame(talk, frame(7, 'message_changed', { message: message('b', 6) }))
    applyFrame(talk, frame(8, 'read', {}))
    expect(talk.saidSeq).toBe(6)
    applyFrame(talk, frame(9, 'message_changed', { message: message('a', 2, '2026-11-25T12:00:00Z') }))
    expect(talk.saidSeq).toBe(9)
    expect(talk.contact.messages.map((known) => known.edited_at)).toEqual(['2026-11-25T12:00:00Z', null])
  })
})

describe('the summary of a contact', () => {
  const summary = (version: number) => ({ contact_id: 'c', version }) as SummaryView

  it('comes by frame or by answer, and an older one never takes the place of a newer', () => {
    const talk = openTalk({ id: 'c', seq: 1, messages: [], life: [], suggestions: [] } as unknown as Contact)
    expect(talk.summary).toBeUndefined()
    takeSummary(talk, null)
    expect(talk.summary).toBeNull()
    applyFrame(talk, frame(2, 'summary', summary(2)))
    takeSummary(talk, summary(1))
    takeSummary(talk, null)
    expect([talk.summary?.version, talk.contact.seq]).toEqual([2, 2])
    takeSummary(talk, { ...summary(2), confirmed_at: '2026-11-26T04:00:00Z' })
    expect(talk.summary?.confirmed_at).toBe('2026-11-26T04:00:00Z')
  })
})
