import { describe, expect, it } from 'vitest'
import type { Message } from '@/client'
import { unknownTo } from './current'

const message = (seq: number, edited_at: string | null = null, kind: Message['kind'] = 'text') => ({ seq, edited_at, kind, text: 'два супа' })
const view = { as_of_seq: 2, made_at: '2026-11-25T12:00:00Z' }

describe('what a summary does not know', () => {
  it('is what came after it', () => {
    expect(unknownTo(view, [message(1), message(2)])).toBe(0)
    expect(unknownTo(view, [message(1), message(2), message(3), message(4, null, 'note')])).toBe(1)
    expect(unknownTo(null, [message(1), message(2)])).toBe(2)
  })

  it('is also what was put right after it was made', () => {
    expect(unknownTo(view, [message(1, '2026-11-25T11:59:00Z'), message(2)])).toBe(0)
    expect(unknownTo(view, [message(1, '2026-11-25T12:01:00Z'), message(2)])).toBe(1)
    expect(unknownTo(view, [message(1, '2026-11-25T12:01:00Z', 'note'), message(2)])).toBe(0)
  })
})
