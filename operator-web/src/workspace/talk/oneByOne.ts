import { computed, reactive } from 'vue'

/**
 * Acts that go one behind the other; one that is asked for while it runs or waits is done once. The stream may show the
 * new state before an act's answer comes, and the next act be asked for: it must wait, not get lost.
 */
export function useOneByOne() {
  const waiting = reactive(new Set<string>())
  let before: Promise<unknown> = Promise.resolve()

  /** What the act says, or false where it is asked for already. `act` does not throw. */
  function run(name: string, act: () => Promise<boolean>): Promise<boolean> {
    if (waiting.has(name)) return Promise.resolve(false)
    waiting.add(name)
    const said = before.then(act).finally(() => waiting.delete(name))
    before = said
    return said
  }

  return { busy: computed(() => waiting.size > 0), run }
}
