import { beforeEach, describe, expect, it } from 'vitest'
import type { Summary } from '@/client'
import { fieldsOf, keepEdit, MOST, readEdit, refusedField, summaryOf, summaryWords } from './editing'

const summary: Summary = { text: 'Вернули 690 рублей.', issue: 'Суп остыл.', request: '', actions: ['вернула 690 рублей', 'извинилась'], promises: [], outcome: 'resolved' }

beforeEach(() => localStorage.clear())

describe('a summary as plain fields', () => {
  it('comes back as it was, and without the blanks that a hand leaves', () => {
    expect(summaryOf(fieldsOf(summary))).toEqual(summary)
    expect(summaryOf({ ...fieldsOf(summary), text: ' Вернули. ', promises: '\n  перезвонить \n\n' })).toMatchObject({ text: 'Вернули.', promises: ['перезвонить'] })
    expect(summaryWords(summary).map(({ field }) => field)).toEqual(['text', 'issue', 'actions'])
  })

  it('says which field the server would refuse', () => {
    const fields = fieldsOf(summary)
    expect(refusedField(fields)).toBeNull()
    expect(refusedField({ ...fields, text: '  ' })).toBe('text')
    expect(refusedField({ ...fields, text: '😡'.repeat(MOST.text) })).toBeNull()
    expect(refusedField({ ...fields, text: '😡'.repeat(MOST.text + 1) })).toBe('text')
    expect(refusedField({ ...fields, request: 'а'.repeat(MOST.request + 1) })).toBe('request')
    expect(refusedField({ ...fields, actions: 'а\n'.repeat(MOST.lines) })).toBeNull()
    expect(refusedField({ ...fields, actions: 'а\n'.repeat(MOST.lines + 1) })).toBe('actions')
    expect(refusedField({ ...fields, promises: 'а'.repeat(MOST.line + 1) })).toBe('promises')
  })
})

describe('an edit under way', () => {
  it('is found again after a reload, by its contact, until it is done with', () => {
    const edit = { version: 3, fields: fieldsOf(summary) }
    keepEdit('c1', edit)
    expect(readEdit('c1')).toEqual(edit)
    expect(readEdit('c2')).toBeNull()
    keepEdit('c1', null)
    expect(readEdit('c1')).toBeNull()
  })

  it('that nobody can read is none', () => {
    localStorage.setItem('okno.summary.c1', '{"version":')
    expect(readEdit('c1')).toBeNull()
  })
})
