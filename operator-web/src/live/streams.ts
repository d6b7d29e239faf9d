import type { Frame } from '@/client'
import { contactOf, isOfAlerts, isPassing, type AlertFrame, type Command, type ContactFrame, type DeskFrame, type PassingFrame } from './frames'
import { GapFreeSequence } from './sequence'
import { throughOf } from './talk'

export interface Listener {
  /** Frames of a followed contact: in order, without a hole, each once. */
  contact(contactId: string, frames: ContactFrame[]): void
  passing(contactId: string, frame: PassingFrame): void
  /** The server cannot tell what was missed: the contact must be fetched and followed anew. */
  reset(contactId: string): void
  desk(frame: DeskFrame): void
  /** Says whether the frame fits onto what is held; where not, all alerts are asked for anew. */
  alerts(frame: AlertFrame): boolean
}

interface Followed {
  sequence: GapFreeSequence<ContactFrame>
  /** The place we last asked to be repeated from, so that one hole is asked about once. */
  askedFrom: number | null
}

/** Keeps every stream of one live connection whole across cuts, repeats and reorders. Knows no socket and no clock. */
export class Streams {
  private contacts = new Map<string, Followed>()
  private deskSeq = 0

  constructor(
    private send: (command: Command) => void,
    private listener: Listener,
  ) {}

  /** A connection stands (again): ask for all that was missed. */
  opened(): void {
    this.deskSeq = 0
    for (const id of this.contacts.keys()) this.ask(id)
    this.askAlerts()
  }

  /** @param seq the last seq that the snapshot at hand already shows */
  follow(contactId: string, seq: number): void {
    this.contacts.set(contactId, { sequence: new GapFreeSequence(seq), askedFrom: null })
    this.ask(contactId)
  }

  unfollow(contactId: string): void {
    if (this.contacts.delete(contactId)) this.send({ type: 'unsubscribe', contact_id: contactId })
  }

  receive(frame: Frame): void {
    if (isOfAlerts(frame)) {
      if (!this.listener.alerts(frame as AlertFrame)) this.askAlerts()
      return
    }
    const id = contactOf(frame)
    if (id === null) return this.receiveDesk(frame as DeskFrame)
    if (isPassing(frame)) {
      if (this.contacts.has(id)) this.listener.passing(id, frame)
      return
    }
    if (frame.type === 'reset') {
      if (this.contacts.has(id)) this.listener.reset(id)
      return
    }
    this.receiveContact(id, frame as ContactFrame)
  }

  /** Holes that are still open after a while are asked about again. */
  askAgain(): void {
    for (const [id, followed] of this.contacts) if (followed.askedFrom !== null) this.ask(id)
  }

  private receiveContact(id: string, frame: ContactFrame): void {
    const followed = this.contacts.get(id)
    if (!followed) return
    const { ready, hole } = followed.sequence.take(frame, { seq: frame.seq, through: throughOf(frame) })
    if (ready.length > 0) this.listener.contact(id, ready)
    if (!hole) followed.askedFrom = null
    else if (followed.askedFrom !== followed.sequence.last) this.ask(id)
  }

  private receiveDesk(frame: DeskFrame): void {
    if (typeof frame.seq !== 'number') return
    if (frame.type === 'hello') this.deskSeq = frame.seq
    else if (frame.seq <= this.deskSeq) return
    else {
      if (frame.seq !== this.deskSeq + 1 && frame.type !== 'queue') this.send({ type: 'resync' })
      this.deskSeq = frame.seq
    }
    this.listener.desk(frame)
  }

  /** They are few: what was missed is had with the whole. */
  private askAlerts(): void {
    this.send({ type: 'subscribe_alerts', since: null })
  }

  private ask(id: string): void {
    const followed = this.contacts.get(id)
    if (!followed) return
    followed.askedFrom = followed.sequence.last
    this.send({ type: 'subscribe', contact_id: id, since: followed.sequence.last })
  }
}
