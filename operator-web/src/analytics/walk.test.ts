import { describe, expect, it } from 'vitest'
import { beside } from './walk'

const list = ['a', 'b', 'c'].map((id) => ({ id }))

describe('walking a list', () => {
  it('goes on and back, and stays at its ends', () => {
    expect([beside(list, 'a', 1), beside(list, 'c', 1), beside(list, 'c', -1), beside(list, 'a', -1)].map((one) => one?.id ?? null)).toEqual(['b', null, 'b', null])
  })
  it('begins at the head, or at the end when it goes back', () => {
    expect([beside(list, null, 1), beside(list, 'gone', -1), beside([], null, 1)].map((one) => one?.id ?? null)).toEqual(['a', 'c', null])
  })
})
