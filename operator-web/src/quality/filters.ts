import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import type { Finding, Outcome, Topic } from '@/client'
import { OUTCOMES, SURE, TOPICS } from '@/workspace/labels'

/** What the list is narrowed to. It stands in the address, so that a list can be sent to a colleague. */
export interface Filters {
  topic: Topic | null
  operator: string | null
  outcome: Outcome | null
  /** The last on the version at hand. */
  verdict: Finding | null
  /** Only those that the models are not sure of. */
  unsure: boolean
  /** Only those that a person changed. */
  edited: boolean
  /** Only those that a person stands for. */
  confirmed: boolean
  /** Only those that nobody judged. */
  unjudged: boolean
}

export const FINDINGS: readonly Finding[] = ['correct', 'wrong', 'incomplete']

/** Reads the address; what names nothing known is left out. */
export function filtersOf(query: LocationQuery): Filters {
  const known = <T extends string>(list: readonly T[], value: unknown): T | null => list.find((word) => word === value) ?? null
  const operator = typeof query.operator === 'string' && /^[0-9a-f-]{36}$/.test(query.operator) ? query.operator : null
  const on = (name: string): boolean => query[name] === '1'
  return { topic: known(TOPICS, query.topic), operator, outcome: known(OUTCOMES, query.outcome), verdict: known(FINDINGS, query.verdict), unsure: on('unsure'), edited: on('edited'), confirmed: on('confirmed'), unjudged: on('unjudged') }
}

/** As it stands in the address: nothing for what is not chosen. */
export function queryOf(filters: Filters): LocationQueryRaw {
  return Object.fromEntries(Object.entries(filters).flatMap(([name, value]) => (value ? [[name, value === true ? '1' : value]] : [])))
}

/** As the server asks for it. */
export function askedOf({ topic, operator, outcome, verdict, unsure, edited, confirmed, unjudged }: Filters) {
  return {
    ...(topic ? { topic } : {}),
    ...(operator ? { operator_id: operator } : {}),
    ...(outcome ? { outcome } : {}),
    ...(verdict ? { verdict } : {}),
    ...(unsure ? { max_support: SURE } : {}),
    ...(edited ? { edited } : {}),
    ...(confirmed ? { confirmed } : {}),
    ...(unjudged ? { judged: false } : {}),
  }
}

export const isNarrowed = (filters: Filters): boolean => Object.values(filters).some(Boolean)
