import type { Draft } from '@/client'

const KEY = 'okno.draft.'

/** The browser's copy of a draft: it survives a cut, a reload and a closed lid. The server holds the copy for other desks. */
export function keepDraft(contactId: string, text: string, at: string): void {
  try {
    if (text === '') localStorage.removeItem(KEY + contactId)
    else localStorage.setItem(KEY + contactId, JSON.stringify({ text, saved_at: at } satisfies Draft))
  } catch {
    // storage is full or closed: the server's copy remains
  }
}

export function readDraft(contactId: string): Draft | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY + contactId) ?? 'null')
    return typeof kept === 'object' && kept !== null && 'text' in kept && 'saved_at' in kept ? (kept as Draft) : null
  } catch {
    return null
  }
}

/** The copy written last; an empty one never wins over words. */
export function laterDraft(here: Draft | null, there: Draft | null): Draft | null {
  if (!here?.text) return there
  if (!there?.text) return here
  return Date.parse(there.saved_at) > Date.parse(here.saved_at) ? there : here
}
