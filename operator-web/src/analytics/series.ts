import { useQuery } from '@pinia/colada'
import { computed } from 'vue'
import { trendsGetPoints } from '@/client'
import { ask } from '@/session/requests'
import type { Drawn } from './drawn'
import type { Part } from './filters'
import type { Span, Step } from './period'

/** What a series is of, over what time, and what it is called. */
interface Asked {
  part: Part
  span: Span
  step: Step
  name: string
}

/** A series as the page draws it; while another is asked for, the one before stands. */
export function useSeries(asked: () => Asked, enabled: () => boolean = () => true) {
  const series = useQuery({
    key: () => ['trend', JSON.stringify(asked().part), asked().step, asked().span.from, asked().span.to],
    // the figures of the answer before open to the contacts that they counted
    query: async () => {
      const { part, step, span } = asked()
      return { part, ...(await ask(trendsGetPoints({ query: { ...part, step, ...span } }))) }
    },
    enabled,
    placeholderData: (before) => before,
  })
  const drawn = computed<Drawn | null>(() => {
    const data = series.data.value
    return data ? { name: asked().name, part: data.part, step: data.step, from: data.from, to: data.to, points: data.points, n: data.n, judged: data.judged, formula: data.formula } : null
  })
  return { series, drawn }
}
