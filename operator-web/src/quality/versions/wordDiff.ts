import { diffArrays } from 'diff'

/** A stretch of two texts laid over each other. */
export interface Marked {
  kind: 'same' | 'added' | 'removed'
  text: string
}

/** What is compared as one: a number with its separators, a word with its apostrophes and hyphens, a run of blanks, a line's end, a sign. */
const TOKENS = /\p{N}+(?:[.,:/\u00a0\u202f]\p{N}+)*|[\p{L}\p{M}\p{N}]+(?:['’ʻʼ-][\p{L}\p{M}\p{N}]+)*|\n|[^\S\n]+|[^\s\p{L}\p{M}\p{N}]/gu
/** Texts further apart than this have little in common; they are shown one after the other instead. */
const MOST_EDITS = 800

/**
 * How `before` became `after`, word by word. `same` and `removed` make up `before`, `same` and `added` make up `after`;
 * of a change what was removed comes first.
 */
export function wordDiff(before: string, after: string): Marked[] {
  if (before === after) return marked('same', after)
  const found = diffArrays(before.match(TOKENS) ?? [], after.match(TOKENS) ?? [], { maxEditLength: MOST_EDITS })
  if (!found) return [...marked('removed', before), ...marked('added', after)]
  return joined(found.map(({ value, added, removed }) => ({ kind: added ? 'added' : removed ? 'removed' : 'same', text: value.join('') })))
}

/** Words replaced one after another are read as one change: the blanks between them are taken into it. */
function joined(pieces: Marked[]): Marked[] {
  const whole: Marked[] = []
  let removed = ''
  let added = ''
  const end = () => {
    whole.push(...marked('removed', removed), ...marked('added', added))
    removed = added = ''
  }
  pieces.forEach((piece, n) => {
    const next = pieces[n + 1]
    if (piece.kind === 'removed') removed += piece.text
    else if (piece.kind === 'added') added += piece.text
    else if (removed && added && next && /^[^\S\n]+$/.test(piece.text)) {
      removed += piece.text
      added += piece.text
    } else {
      end()
      whole.push(piece)
    }
  })
  end()
  return whole
}

const marked = (kind: Marked['kind'], text: string): Marked[] => (text === '' ? [] : [{ kind, text }])
