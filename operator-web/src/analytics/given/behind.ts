import { inject, type InjectionKey, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { trendsListGivenContacts, type GivenContact, type GivenFact } from '@/client'
import { ask } from '@/session/requests'
import { useFormat } from '@/locales/format'
import type { ContactSource, Figure, ShownContact } from '../figures'
import type { Part } from '../filters'
import type { Span } from '../period'
import type { Cut, Query, Row, Shown } from './columns'

/** What the page is narrowed to, for whoever opens a figure of it. */
export interface Within {
  part: Part
  span: Span
  zone: string
}

export const WITHIN: InjectionKey<Ref<Within | null>> = Symbol('given')

/** Figures of what was given in words, and the contacts behind them. */
export function useGiven() {
  const { t } = useI18n()
  const within = inject(WITHIN)
  const { money, number, moment } = useFormat(() => within?.value?.zone ?? null)
  const wall = useFormat('UTC')

  function nameOf(cut: Cut, { key, name }: Pick<Row, 'key' | 'name'>): string {
    if (cut === 'day') return wall.shortDay(Date.parse(`${key}T00:00:00Z`))
    if (cut === 'city') return name ?? t('given.no_city')
    if (key === null) return t('given.no_topic')
    return t(cut === 'type' ? `summary.type.${key}` : `${cut}.${key}`)
  }

  function factOf({ type, amount, due, due_at, returned_at }: GivenFact): string {
    const what = [t(`summary.type.${type}`), amount].filter(Boolean).join(' ')
    const times = [due_at ? t('given.due', { when: moment(due_at) }) : due, returned_at ? t('given.returned', { when: moment(returned_at) }) : null]
    return [what, ...times].filter(Boolean).join(', ')
  }

  const contactOf = ({ contact_id, at, channel, city, opens, topic, facts }: GivenContact): ShownContact => ({ contact_id, at, channel, city, opens, topics: topic ? [topic] : [], says: facts.map(factOf).join('; ') })

  const source = (query: Query): ContactSource => async (cursor, limit) => {
    const { items, next } = await ask(trendsListGivenContacts({ query: { ...query, cursor, limit } }))
    return { items: items.map(contactOf), next }
  }

  const valueOf = ({ n, sums }: Shown): string => (sums ? sums.map(money).join(' + ') || '0' : number(n))

  function figureOf(shown: Shown, cut: Cut | null, row: Pick<Row, 'key' | 'name'> | null, of: string): Figure {
    const { part, span, zone } = within!.value!
    const narrowed = cut && row?.key ? { [cut === 'city' ? 'city_id' : cut]: row.key } : {}
    const without: Pick<Query, 'without'> = row?.key === null && (cut === 'topic' || cut === 'city') ? { without: cut } : {}
    return { kind: shown.kind, value: valueOf(shown), of, n: shown.n, series: null, zone, facts: true, contacts: source({ ...part, ...span, ...narrowed, ...without, ...shown.behind }) }
  }

  return { nameOf, valueOf, figureOf, number }
}
