/** One gap-free stream as its reader sees it: frames leave in order, each once, however they arrive. */
export interface Numbered {
  seq: number
  /** The last number that this frame covers: `seq` itself, or further for a frame that stands for several (skip). */
  through: number
}

export interface Taken<F> {
  ready: F[]
  /** A hole stands before what is held back: ask for everything after `last`. */
  hole: boolean
}

const HELD_AT_MOST = 2000 // beyond that the held frames are dropped: the answer to the hole brings them again

export class GapFreeSequence<F> {
  private held = new Map<number, { frame: F; through: number }>()

  /** @param last the last seq whose effect the reader already shows */
  constructor(public last: number) {}

  take(frame: F, { seq, through }: Numbered): Taken<F> {
    if (through <= this.last) return { ready: [], hole: false }
    if (seq > this.last + 1) {
      const known = this.held.get(seq)
      if (!known || known.through < through) this.held.set(seq, { frame, through })
      if (this.held.size > HELD_AT_MOST) this.held.clear()
      return { ready: [], hole: true }
    }
    this.last = through
    const ready = [frame]
    this.release(ready)
    return { ready, hole: this.held.size > 0 }
  }

  /** Moves what now follows without a hole from the held frames into `ready`. */
  private release(ready: F[]): void {
    for (let moved = this.held.size > 0; moved; ) {
      moved = false
      for (const [seq, { frame, through }] of this.held) {
        if (seq > this.last + 1) continue
        this.held.delete(seq)
        if (through <= this.last) continue
        this.last = through
        ready.push(frame)
        moved = true
      }
    }
  }
}
