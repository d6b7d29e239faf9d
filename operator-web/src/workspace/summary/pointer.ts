import { inject, provide, ref, type InjectionKey, type Ref } from 'vue'
import type { SummaryField } from '@/client'

/** One thing that a summary states, and the turns it rests on. */
export interface Statement {
  /** Its own within the summary. */
  key: string
  field: SummaryField
  turns: readonly number[]
}

export interface Pointer {
  /** The statement whose turns are marked. */
  at: Readonly<Ref<Statement | null>>
  /** Marks its turns and shows the first of them; asked again, the next. */
  point: (statement: Statement) => void
  /** The focus came to it: where reading is the work, its turns are marked at once. */
  touch: (statement: Statement) => void
}

const POINTER: InjectionKey<Pointer> = Symbol('pointer')

/**
 * @param show brings a turn before the eyes
 * @param onFocus whether the focus alone points
 */
export function newPointer(show: (turn: number) => void, onFocus: boolean): Pointer & { leave: () => void } {
  const at = ref<Statement | null>(null)
  let nth = -1

  function point(statement: Statement): void {
    nth = statement.key === at.value?.key ? (nth + 1) % statement.turns.length : 0
    at.value = statement
    show(statement.turns[nth]!)
  }

  function touch(statement: Statement): void {
    if (!onFocus || statement.key === at.value?.key) return
    nth = -1
    at.value = statement
    show(statement.turns[0]!)
  }

  function leave(): void {
    at.value = null
  }

  return { at, point, touch, leave }
}

/** A pointer for the statements below the calling component. */
export function providePointer(show: (turn: number) => void, onFocus = false): ReturnType<typeof newPointer> {
  const pointer = newPointer(show, onFocus)
  provide(POINTER, pointer)
  return pointer
}

export function usePointer(): Pointer {
  const pointer = inject(POINTER)
  if (!pointer) throw new Error('A statement stands outside a summary: call providePointer above it.')
  return pointer
}
