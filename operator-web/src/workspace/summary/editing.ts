import type { Outcome, Summary } from '@/client'

/** The parts of a summary as plain fields: a list is one text, an entry a line. */
export interface SummaryFields {
  text: string
  issue: string
  request: string
  actions: string
  promises: string
  outcome: Outcome
}

/** A summary that somebody is editing, and the version they began from. */
export interface Edit {
  version: number
  fields: SummaryFields
}

/** What the server takes of each field, in characters; of a list, of each line. */
export const MOST = { text: 4000, issue: 1000, request: 1000, line: 500, lines: 20 } as const
/** Of a whole list as one field. */
export const MOST_OF_LIST = MOST.lines * (MOST.line + 1)

const KEY = 'okno.summary.'

export function fieldsOf({ text, issue, request, actions, promises, outcome }: Summary): SummaryFields {
  return { text, issue, request, actions: actions.join('\n'), promises: promises.join('\n'), outcome }
}

export function summaryOf(fields: SummaryFields): Summary {
  const { text, issue, request, outcome } = fields
  return { text: text.trim(), issue: issue.trim(), request: request.trim(), actions: linesOf(fields.actions), promises: linesOf(fields.promises), outcome }
}

/** The first field that the server would refuse; none: all is well. */
export function refusedField(fields: SummaryFields): keyof SummaryFields | null {
  const { text, issue, request, actions, promises } = summaryOf(fields)
  if (text === '' || lengthOf(text) > MOST.text) return 'text'
  if (lengthOf(issue) > MOST.issue) return 'issue'
  if (lengthOf(request) > MOST.request) return 'request'
  const tooMuch = (list: string[]) => list.length > MOST.lines || list.some((line) => lengthOf(line) > MOST.line)
  return tooMuch(actions) ? 'actions' : tooMuch(promises) ? 'promises' : null
}

/** What a summary says in words, part by part in the order of the fields; empty parts are left out. */
export function summaryWords(summary: Summary): { field: 'text' | 'issue' | 'request' | 'actions' | 'promises'; words: string }[] {
  const fields = fieldsOf(summary)
  return (['text', 'issue', 'request', 'actions', 'promises'] as const).map((field) => ({ field, words: fields[field] })).filter(({ words }) => words !== '')
}

/** Keeps what is being typed in the browser, so that neither another talk nor a reload takes it away; null: it is done with. */
export function keepEdit(contactId: string, edit: Edit | null): void {
  try {
    if (edit) localStorage.setItem(KEY + contactId, JSON.stringify(edit))
    else localStorage.removeItem(KEY + contactId)
  } catch {
    // storage is full or closed: the fields hold it while the page stands
  }
}

export function readEdit(contactId: string): Edit | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY + contactId) ?? 'null')
    return typeof kept === 'object' && kept !== null && 'version' in kept && 'fields' in kept ? (kept as Edit) : null
  } catch {
    return null
  }
}

const linesOf = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
const lengthOf = (text: string): number => [...text].length
