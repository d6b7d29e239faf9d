import type { Entity } from '@/client'

export interface Part {
  text: string
  entity: Entity | null
}

/** Cuts a text at its entities. `start` and `end` count Unicode scalar values; what overlaps or lies outside is left as text. */
export function markedParts(text: string, entities: Entity[]): Part[] {
  const letters = [...text]
  const parts: Part[] = []
  let at = 0
  for (const entity of [...entities].sort((a, b) => a.start - b.start)) {
    if (entity.start < at || entity.end <= entity.start || entity.end > letters.length) continue
    if (entity.start > at) parts.push({ text: letters.slice(at, entity.start).join(''), entity: null })
    parts.push({ text: letters.slice(entity.start, entity.end).join(''), entity })
    at = entity.end
  }
  if (at < letters.length || parts.length === 0) parts.push({ text: letters.slice(at).join(''), entity: null })
  return parts
}
