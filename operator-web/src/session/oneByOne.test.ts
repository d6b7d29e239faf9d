import { expect, test } from 'vitest'
import { useOneByOne } from './oneByOne'

test('an act waits for the one before it, and one that waits already is done once', async () => {
  const { busy, run } = useOneByOne()
  const log: string[] = []
  let answer: (said: boolean) => void = () => undefined
  const accepted = run('accept', () => new Promise<boolean>((resolve) => {
    log.push('accept')
    answer = resolve
  }))
  const finish = (): Promise<boolean> => run('finish', async () => {
    log.push('finish')
    return true
  })
  const [finished, again] = [finish(), finish()]
  expect(await again).toBe(false)
  expect([log, busy.value]).toEqual([['accept'], true])
  answer(false)
  expect([await accepted, await finished]).toEqual([false, true])
  expect([log, busy.value]).toEqual([['accept', 'finish'], false])
  expect(await finish()).toBe(true)
})
