import { describe, expect, it } from 'vitest'
import type { CardContact } from '@/client'
import { lastDays } from './history'

const contact = (opened_at: string, channel = 'site') => ({ opened_at, channel }) as CardContact
const now = Date.parse('2026-11-25T19:30:00Z')

describe('the last 30 days of a customer', () => {
  it('are days of their city: past midnight there, it is tomorrow', () => {
    const contacts = [contact('2026-11-25T18:59:00Z'), contact('2026-11-25T19:01:00Z', 'call'), contact('2026-10-01T12:00:00Z')]
    const almaty = lastDays(contacts, now, 'Asia/Almaty')
    expect([almaty.length, almaty[0]!.at]).toEqual([30, Date.parse('2026-10-28T00:00:00Z')])
    expect(almaty.slice(-2)).toEqual([{ at: Date.parse('2026-11-25T00:00:00Z'), chats: 1, calls: 0 }, { at: Date.parse('2026-11-26T00:00:00Z'), chats: 0, calls: 1 }])
    expect(lastDays(contacts, now, 'Europe/Moscow').at(-1)).toEqual({ at: Date.parse('2026-11-25T00:00:00Z'), chats: 1, calls: 1 })
  })
})
