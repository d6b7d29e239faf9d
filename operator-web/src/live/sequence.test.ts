import { describe, expect, it } from 'vitest'
import { GapFreeSequence } from './sequence'

const take = (sequence: GapFreeSequence<string>, seq: number, through = seq) => sequence.take(`${seq}`, { seq, through })

describe('a gap-free sequence', () => {
  it('holds back what comes after a hole and lets it out in order', () => {
    const sequence = new GapFreeSequence<string>(4)
    expect(take(sequence, 7)).toEqual({ ready: [], hole: true })
    expect(take(sequence, 6)).toEqual({ ready: [], hole: true })
    expect(take(sequence, 5)).toEqual({ ready: ['5', '6', '7'], hole: false })
    expect(sequence.last).toBe(7)
  })

  it('drops what it has shown', () => {
    const sequence = new GapFreeSequence<string>(4)
    expect(take(sequence, 4)).toEqual({ ready: [], hole: false })
    expect(take(sequence, 5).ready).toEqual(['5'])
    expect(take(sequence, 5).ready).toEqual([])
  })

  it('lets one skip stand for several numbers, also where it overlaps what is shown', () => {
    const sequence = new GapFreeSequence<string>(4)
    expect(take(sequence, 3, 8).ready).toEqual(['3'])
    expect(sequence.last).toBe(8)
    expect(take(sequence, 9).ready).toEqual(['9'])
  })

  it('still knows of a second hole when the first is filled', () => {
    const sequence = new GapFreeSequence<string>(0)
    take(sequence, 2)
    take(sequence, 5)
    expect(take(sequence, 1)).toEqual({ ready: ['1', '2'], hole: true })
  })
})
