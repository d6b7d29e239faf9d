import { GapFreeSequence } from '../src/live/sequence'

/** What the server pushes to a visitor; `seq` is gap-free for this reader, null for what is true for a moment only. */
export interface VisitorFrame {
  stream: string
  seq: number | null
  type: string
  v: number
  data: Record<string, unknown>
}

export interface VisitorMessage {
  id: string
  seq: number
  author: 'customer' | 'operator' | 'system'
  text: string | null
  at: string
  attachments: { id: string; name: string | null; media_type: string; state: string; url: string | null }[]
}

/** A text that the server has not acknowledged yet. `seq` is known once it has. */
export interface Unsent {
  id: string
  text: string
  at: string
  seq: number | null
  refused: boolean
}

/** The visitor's side of the talk: what was said, in the server's order, and what is still on its way. */
export class VisitorTalk {
  readonly messages: VisitorMessage[] = []
  state = ''
  private sequence = new GapFreeSequence<VisitorFrame>(0)

  constructor(public unsent: Unsent[] = []) {}

  get seq(): number {
    return this.sequence.last
  }

  /** Returns whether a hole stands before what came: ask again from `seq`. */
  take(frame: VisitorFrame): boolean {
    if (frame.type === 'accepted') {
      const mine = this.unsent.find(({ id }) => id === frame.data.id)
      if (mine) mine.seq = Number(frame.data.seq)
      this.dropShown()
      return false
    }
    if (frame.seq === null) return false
    const through = frame.type === 'skip' ? Math.max(frame.seq, Number(frame.data.to)) : frame.seq
    const { ready, hole } = this.sequence.take(frame, { seq: frame.seq, through })
    for (const next of ready) this.apply(next)
    this.dropShown()
    return hole
  }

  add(id: string, text: string, at: string): void {
    this.unsent.push({ id, text, at, seq: null, refused: false })
  }

  refuse(id: string): void {
    const mine = this.unsent.find((unsent) => unsent.id === id)
    if (mine) mine.refused = true
  }

  private apply({ type, data }: VisitorFrame): void {
    if (type === 'state') this.state = String(data.state)
    if (type !== 'message' && type !== 'message_changed') return
    const message = data.message as VisitorMessage
    const at = this.messages.findIndex(({ id }) => id === message.id)
    if (at >= 0) this.messages[at] = message
    else if (type === 'message') {
      this.messages.push(message)
      this.messages.sort((a, b) => a.seq - b.seq)
    }
  }

  /** What the talk itself shows by now needs no place among the unsent. */
  private dropShown(): void {
    this.unsent = this.unsent.filter(({ seq }) => seq === null || seq > this.sequence.last)
  }
}
