import type { Finding, SummaryField } from '@/client'

export interface GivenVerdict {
  contact_id: string
  version: number
  verdict: Finding
  field: SummaryField | null
  comment: string | null
  /** What it is on, in words. */
  what: string
  /** What stood there before it. */
  before: Finding | null
}

export const UNDO_FOR = 6000

/**
 * Holds the last verdict back for a while, so that a slip of the finger can be undone. What is held is sent when the time
 * is over, when the next verdict comes, and when the page is left: it is never dropped unless it is undone.
 */
export class HeldVerdict {
  private held: GivenVerdict | null = null
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private send: (given: GivenVerdict) => void,
    private changed: (held: GivenVerdict | null) => void,
  ) {}

  give(given: GivenVerdict): void {
    this.flush()
    this.held = given
    this.timer = setTimeout(() => this.flush(), UNDO_FOR)
    this.changed(given)
  }

  undo(): GivenVerdict | null {
    return this.release()
  }

  flush(): void {
    const given = this.release()
    if (given) this.send(given)
  }

  private release(): GivenVerdict | null {
    const { held } = this
    clearTimeout(this.timer)
    this.held = null
    if (held) this.changed(null)
    return held
  }
}
