import type { Sentence } from '@/client'

/** A piece of the text: a sentence with the turns it rests on, or what stands between sentences. */
export interface Piece {
  text: string
  turns: number[]
}

/** Cuts a text at its sentences. `start` and `end` count Unicode scalar values; what overlaps or lies outside stays plain text. */
export function pieces(text: string, sentences: readonly Sentence[]): Piece[] {
  const letters = [...text]
  const cut: Piece[] = []
  let at = 0
  for (const { start, end, turns } of [...sentences].sort((a, b) => a.start - b.start)) {
    if (start < at || end <= start || end > letters.length) continue
    if (start > at) cut.push({ text: letters.slice(at, start).join(''), turns: [] })
    cut.push({ text: letters.slice(start, end).join(''), turns })
    at = end
  }
  if (at < letters.length) cut.push({ text: letters.slice(at).join(''), turns: [] })
  return cut
}
