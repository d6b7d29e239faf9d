import { describe, expect, it } from 'vitest'
import { decisive } from './decisive'

const phrase = (text: string, topic: number) => ({ text, start: 0, end: 1, topic, sentiment: 0, urgency: 0 })

describe('decisive phrases', () => {
  it('are the few that take most from the topic, most first', () => {
    const all = [phrase('где', 0.1), phrase('заказ', 0.6), phrase('и', 0.01), phrase('привет', -0.3), phrase('жду', 0.4), phrase('час', 0.2)]
    expect(decisive(all).map((it) => it.text)).toEqual(['заказ', 'жду', 'час'])
    expect(decisive([phrase('ок', 0.02)])).toEqual([])
  })
})
