import { describe, expect, it } from 'vitest'
import type { TrendPoint } from '@/client'
import { unjudged, type Drawn } from './drawn'

describe('a step of which nothing was to be expected', () => {
  const point = (gap: boolean) => ({ gap }) as TrendPoint
  const series = (judged: boolean) => ({ judged }) as Drawn

  it('says whether its feed stood still, its history is short, or such series are only counted', () => {
    expect(unjudged(series(true), point(true))).toBe('trends.gap')
    expect(unjudged(series(true), point(false))).toBe('trends.not_judged')
    expect(unjudged(series(false), point(false))).toBe('trends.never_judged')
  })
})
