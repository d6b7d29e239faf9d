import type { Frame } from '@/client'
import { backOff } from './backOff'
import { parseFrame, type Command } from './frames'

export type ConnectionState = 'connecting' | 'open' | 'cut' | 'ended'

export interface ConnectionEvents {
  state(state: ConnectionState): void
  opened(): void
  frame(frame: Frame): void
}

const PING_EVERY = 20_000
const SILENT_FOR = 45_000 // the server pings each 20 s: this long a silence is a dead line that nobody closed
const SESSION_ENDED = 4401

/** One WebSocket that comes back by itself until it is closed or the session ends. */
export class Connection {
  private socket: WebSocket | null = null
  private failures = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private beat: ReturnType<typeof setInterval> | undefined
  private heardAt = 0
  private closed = false

  constructor(
    private url: string,
    private events: ConnectionEvents,
  ) {}

  open(): void {
    addEventListener('online', this.now)
    addEventListener('offline', this.cut)
    this.connect()
  }

  close(): void {
    this.closed = true
    removeEventListener('online', this.now)
    removeEventListener('offline', this.cut)
    clearTimeout(this.retry)
    clearInterval(this.beat)
    this.socket?.close()
    this.socket = null
  }

  /** Sends when the line is open; what must not be lost is asked for again when it opens. */
  send(command: Command): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(command))
  }

  now = (): void => {
    if (this.closed || this.socket) return
    this.failures = 0
    clearTimeout(this.retry)
    this.connect()
  }

  private cut = (): void => {
    if (this.socket) this.lost(this.socket, 0)
  }

  private connect(): void {
    this.events.state('connecting')
    const socket = new WebSocket(this.url)
    this.socket = socket
    socket.addEventListener('open', () => {
      if (this.socket !== socket) return
      this.failures = 0
      this.heardAt = performance.now()
      this.beat = setInterval(() => this.watch(socket), PING_EVERY)
      this.events.state('open')
      this.events.opened()
    })
    socket.addEventListener('message', (event) => {
      if (this.socket !== socket) return
      this.heardAt = performance.now()
      const frame = parseFrame(String(event.data))
      if (frame && frame.type !== 'pong') this.events.frame(frame)
    })
    socket.addEventListener('close', (event) => this.lost(socket, event.code))
  }

  private watch(socket: WebSocket): void {
    if (performance.now() - this.heardAt > SILENT_FOR) this.lost(socket, 0)
    else this.send({ type: 'ping' })
  }

  private lost(socket: WebSocket, code: number): void {
    if (this.socket !== socket) return
    this.socket = null
    clearInterval(this.beat)
    socket.close()
    if (code === SESSION_ENDED) {
      this.close()
      this.events.state('ended')
      return
    }
    if (this.closed) return
    this.events.state('cut')
    this.retry = setTimeout(() => this.connect(), backOff(this.failures, Math.random()))
    this.failures += 1
  }
}
