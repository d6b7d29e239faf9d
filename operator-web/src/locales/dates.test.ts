import { describe, expect, it } from 'vitest'
import { dateWords } from './dates'
import { duration } from './format'

const at = new Date(2026, 10, 25, 12)

describe('dates', () => {
  it('are written in words in every language, also where the browser has none', () => {
    expect(dateWords('ru').day(at)).toBe('среда, 25 ноября')
    expect(dateWords('kk').day(at)).toBe('сәрсенбі, 25 қараша')
    expect(dateWords('uz').day(at)).toBe('chorshanba, 25-noyabr')
    expect(dateWords('en').shortDay(at)).toBe('25 Nov')
  })

  it('say since which month in the case that the sentence asks for', () => {
    expect(dateWords('ru').month(new Date(2024, 2, 2))).toBe('марта 2024')
    expect(dateWords('uz').month(new Date(2024, 2, 2))).toBe('mart 2024')
  })
})

describe('durations', () => {
  it('show hours only when there are some, and never less than nothing', () => {
    expect(duration(106_000)).toBe('1:46')
    expect(duration(3_730_000)).toBe('1:02:10')
    expect(duration(-5)).toBe('0:00')
  })
})
