import { computed, reactive } from 'vue'

/**
 * Acts that go one behind the other, so that a quick second one is neither lost nor overtaken: the stream may show the new
 * state before an act's answer comes, and the next act be asked for.
 */
export function useOneByOne() {
  const waiting = reactive(new Set<string | symbol>())
  let before: Promise<unknown> = Promise.resolve()

  /** What the act says; false where one of its name runs or waits already. `act` does not throw. */
  function run(name: string | null, act: () => Promise<boolean>): Promise<boolean> {
    const key = name ?? Symbol('act')
    if (waiting.has(key)) return Promise.resolve(false)
    waiting.add(key)
    const said = before.then(act).finally(() => waiting.delete(key))
    before = said
    return said
  }

  return { busy: computed(() => waiting.size > 0), run }
}
