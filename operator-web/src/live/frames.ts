import type { Frame } from '@/client'

export type FrameType = Frame['type']
export type FrameOf<T extends FrameType> = Extract<Frame, { type: T }>

type Numbered<F> = F & { seq: number }

/** Frames that carry a contact's own gap-free seq. */
export type ContactFrame = Numbered<FrameOf<'message' | 'message_changed' | 'insight' | 'state' | 'verdict' | 'suggestion' | 'summary' | 'read' | 'skip'>>
/** Frames of a contact that are true for a moment only and have no seq. */
export type PassingFrame = FrameOf<'typing' | 'readers' | 'partial'>
/** Frames about the operator's own desk; their seq counts from 1 on each connection. */
export type DeskFrame = Numbered<FrameOf<'hello' | 'queue' | 'contact' | 'contact_gone' | 'presence' | 'error'>>

/** Frames of the stream `alerts`, numbered over all of it. */
export type AlertFrame = Numbered<FrameOf<'alerts' | 'alert' | 'skip'>>

export type Command =
  | { type: 'subscribe_alerts'; since: number | null }
  | { type: 'subscribe'; contact_id: string; since: number }
  | { type: 'unsubscribe'; contact_id: string }
  | { type: 'typing'; contact_id: string }
  | { type: 'viewing'; contact_id: string | null }
  | { type: 'resync' }
  | { type: 'ping' }

const PASSING = new Set<FrameType>(['typing', 'readers', 'partial'])
const CONTACT = 'contact/'

export function contactOf(frame: Frame): string | null {
  return frame.stream.startsWith(CONTACT) ? frame.stream.slice(CONTACT.length) : null
}

export const isOfAlerts = (frame: Frame): boolean => frame.stream === 'alerts'

export function isPassing(frame: Frame): frame is PassingFrame {
  return PASSING.has(frame.type)
}

/** Parses what came over the wire; anything that is not a frame of a version we read is null. */
export function parseFrame(text: string): Frame | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { stream, type, v } = value as Record<string, unknown>
  return typeof stream === 'string' && typeof type === 'string' && v === 1 ? (value as Frame) : null
}
