import { inject, type InjectionKey } from 'vue'
import { trendsListAlertContacts, trendsListContacts, type TrendContact, type TrendFormula } from '@/client'
import { ask } from '@/session/requests'
import type { Part } from './filters'
import type { Step } from './period'

/** How a figure comes about; the sentence for each stands in the locales under the same name. */
export type FigureKind = 'count' | 'sum' | 'expected' | 'usual' | 'chance' | 'excess' | 'share' | 'theme' | 'theme_chance' | 'silence' | 'silence_chance' | GivenKind
/** Of what was given to make up for something, and of promises. */
export type GivenKind = 'given' | 'given_done' | 'given_unsummed' | 'given_sum' | 'promised' | 'promise_broken' | 'promise_no_return' | 'promise_open' | 'promise_undated'

/** A contact behind a figure, and what of it the figure counts. */
export type ShownContact = TrendContact & { says?: string }

export type ContactSource = (cursor?: string, limit?: number) => Promise<{ items: ShownContact[]; next?: string | null }>

/** One figure of the page, opened: what it says, its formula, how much it rests on, and the contacts behind it. */
export interface Figure {
  kind: FigureKind
  /** As it stands on the page. */
  value: string
  /** Of what and when. */
  of: string
  /** Contacts that were counted; none: those behind it are counted when it is opened. */
  n: number | null
  /** The series it is taken from, for what the model has seen. */
  series: { part: Part; step: Step; from: string; to: string } | null
  formula?: TrendFormula
  /** In whose hours its contacts are told, where no series says so. */
  zone?: string
  /** Facts of contacts are counted, not contacts. */
  facts?: true
  contacts: ContactSource | null
}

export const FIGURES: InjectionKey<(figure: Figure) => void> = Symbol('figures')

/** Opens a figure in the page's one dialog. */
export function useFigures(): (figure: Figure) => void {
  return inject(FIGURES, () => {})
}

export const contactsOfPoint = (part: Part, step: Step, at: string): ContactSource => (cursor, limit) => ask(trendsListContacts({ query: { ...part, step, at, cursor, limit } }))
export const contactsOfSpan = (part: Part, step: Step, from: string, to: string): ContactSource => (cursor, limit) => ask(trendsListContacts({ query: { ...part, step, from, to, cursor, limit } }))
export const contactsOfAlert = (alert_id: string, cause: number | null): ContactSource => (cursor, limit) => ask(trendsListAlertContacts({ path: { alert_id }, query: { ...(cause === null ? {} : { cause }), cursor, limit } }))

const PAGE = 100
/** More contacts than anybody reads are not counted to the end. */
const PAGES = 20

/** How many contacts a source has; `more`: at least so many. */
export async function countOf(source: ContactSource): Promise<{ n: number; more: boolean }> {
  let n = 0
  let cursor: string | undefined
  for (let page = 0; page < PAGES; page += 1) {
    const { items, next } = await source(cursor, PAGE)
    n += items.length
    if (!next) return { n, more: false }
    cursor = next
  }
  return { n, more: true }
}
