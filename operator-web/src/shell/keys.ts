import { useEventListener } from '@vueuse/core'
import { onScopeDispose, reactive } from 'vue'
import { usePreferences } from './preferences'

/**
 * A key by its place on the board, so that it works in every layout: `Alt+KeyN`, `Ctrl+KeyK`, `KeyJ`, `F6`.
 * A character (`/`, `?`) is matched by what it types.
 */
export interface KeyAct {
  keys: string
  /** What the help shows, in order. */
  shown: string[]
  /** Key of the sentence that says what it does. */
  says: string
  run: () => void
}

const acts = reactive(new Set<KeyAct>())

/** All keys that work now, for the help. */
export const keyActs: ReadonlySet<KeyAct> = acts

/** Keys that work while the calling component lives. */
export function useKeys(list: KeyAct[]): void {
  for (const act of list) acts.add(act)
  onScopeDispose(() => {
    for (const act of acts) if (list.some((mine) => mine.says === act.says)) acts.delete(act)
  })
}

/** Listens once for the whole page. */
export function useKeyListener(): void {
  const preferences = usePreferences()
  useEventListener(document, 'keydown', (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('[role="dialog"][data-state="open"]')) return
    const plain = !event.altKey && !event.ctrlKey && !event.metaKey
    if (plain && !event.key.startsWith('F') && (inField(event.target) || !preferences.chosen.letter_keys)) return
    const act = [...acts].find(({ keys }) => matches(event, keys))
    if (!act) return
    event.preventDefault()
    act.run()
  })
}

export function matches(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.split('+')
  const key = parts.pop()!
  if (parts.includes('Alt') !== event.altKey || parts.includes('Ctrl') !== (event.ctrlKey || event.metaKey)) return false
  if (key.length === 1) return event.key === key
  return event.code === key && parts.includes('Shift') === event.shiftKey
}

/** Whether letters are typed there; buttons of choice take none. */
function inField(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && (target.type === 'radio' || target.type === 'checkbox')) return false
  return target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
}
