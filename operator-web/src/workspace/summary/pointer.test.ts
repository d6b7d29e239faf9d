import { describe, expect, it } from 'vitest'
import { newPointer, type Statement } from './pointer'

const actions: Statement = { key: 'actions.0', field: 'actions', turns: [3, 7] }
const request: Statement = { key: 'request', field: 'request', turns: [1] }

function pointing(onFocus: boolean) {
  const shown: number[] = []
  return { shown, pointer: newPointer((turn) => shown.push(turn), onFocus) }
}

describe('the pointer from a summary to its turns', () => {
  it('shows the first turn, then the next ones, and begins again', () => {
    const { shown, pointer } = pointing(false)
    for (const statement of [actions, actions, actions, request, actions]) pointer.point(statement)
    expect(shown).toEqual([3, 7, 3, 1, 3])
    pointer.leave()
    expect(pointer.at.value).toBeNull()
  })

  it('follows the focus only where it is told to', () => {
    const still = pointing(false)
    still.pointer.touch(actions)
    expect([still.shown, still.pointer.at.value]).toEqual([[], null])
    const eager = pointing(true)
    eager.pointer.touch(actions)
    eager.pointer.point(actions) // the click that brought the focus does not skip the first turn
    eager.pointer.point(actions)
    expect(eager.shown).toEqual([3, 3, 7])
    expect(eager.pointer.at.value?.field).toBe('actions')
  })
})
