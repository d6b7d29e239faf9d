import { describe, expect, it } from 'vitest'
import type { EntityType } from '@/client'
import { markedParts } from './marked'

const entity = (start: number, end: number, type: EntityType = 'dish') => ({ type, text: '', start, end })

describe('a marked text', () => {
  it('counts Unicode scalar values, so that a face before a dish shifts nothing', () => {
    const parts = markedParts('😡 где пад тай?', [entity(6, 13)])
    expect(parts.map(({ text }) => text)).toEqual(['😡 где ', 'пад тай', '?'])
    expect(parts[1]?.entity?.type).toBe('dish')
  })

  it('leaves out what overlaps, is empty or lies outside', () => {
    const parts = markedParts('заказ 48213', [entity(6, 11, 'order_number'), entity(8, 11), entity(3, 3), entity(5, 99)])
    expect(parts.map(({ text, entity }) => [text, entity?.type ?? null])).toEqual([['заказ ', null], ['48213', 'order_number']])
  })

  it('gives the whole text back, whatever the entities', () => {
    expect(markedParts('', [])).toEqual([{ text: '', entity: null }])
    expect(markedParts('<b>1</b>', [entity(0, 3), entity(3, 4)]).map(({ text }) => text).join('')).toBe('<b>1</b>')
  })
})
