import { backOff } from '../src/live/backOff'
import { VisitorTalk, type Unsent, type VisitorFrame } from './talk'

export interface LineEvents {
  changed(): void
  connected(yes: boolean): void
  typing(until: number): void
  problem(code: string): void
}

const SESSION_ENDED = 4401
const SILENT_FOR = 60_000

/** The visitor's line to the server: comes back by itself, resumes where it was, sends what waited. */
export class Line {
  readonly talk: VisitorTalk
  private token: string | null
  private socket: WebSocket | null = null
  private opening: Promise<void> | null = null
  private failures = 0
  private heardAt = 0

  constructor(
    readonly server: string,
    private account: string,
    private events: LineEvents,
  ) {
    this.token = read<string>(`okno.visitor.${account}`)
    this.talk = new VisitorTalk(read<Unsent[]>(`okno.unsent.${account}`) ?? [])
    addEventListener('online', () => void this.connect())
    addEventListener('offline', () => this.socket?.close())
    setInterval(() => {
      if (this.socket && Date.now() - this.heardAt > SILENT_FOR) this.socket.close()
    }, 15_000)
  }

  /** True when this browser has written here before. */
  get known(): boolean {
    return this.token !== null
  }

  /** Opens the line unless it is open. A second call while a visitor is being registered waits for the first. */
  async connect(): Promise<void> {
    if (this.socket) return
    this.opening ??= this.open().finally(() => (this.opening = null))
    await this.opening
  }

  private async open(): Promise<void> {
    try {
      this.token ??= await this.register()
    } catch {
      this.later()
      return
    }
    const socket = new WebSocket(`${this.server.replace(/^http/, 'ws')}/channels/site/${this.account}/live?token=${encodeURIComponent(this.token)}`)
    this.socket = socket
    socket.addEventListener('open', () => {
      this.failures = 0
      this.heardAt = Date.now()
      this.say({ type: 'subscribe', since: this.talk.seq })
      for (const { id, text, seq, refused } of this.talk.unsent) if (seq === null && !refused) this.say({ type: 'message', id, text })
      this.events.connected(true)
    })
    socket.addEventListener('message', (event) => this.hear(String(event.data)))
    socket.addEventListener('close', (event) => {
      if (this.socket !== socket) return
      this.socket = null
      this.events.connected(false)
      if (event.code === SESSION_ENDED) this.forget()
      this.later()
    })
  }

  send(text: string): void {
    const id = newId()
    this.talk.add(id, text, new Date().toISOString())
    this.keep()
    this.say({ type: 'message', id, text })
    this.events.changed()
    void this.connect()
  }

  typing(): void {
    this.say({ type: 'typing' })
  }

  async upload(file: File): Promise<void> {
    const form = new FormData()
    form.append('id', newId())
    form.append('file', file, file.name)
    const answer = await fetch(`${this.address}/files`, { method: 'POST', headers: { Authorization: `Bearer ${this.token ?? ''}` }, body: form }).catch(() => null)
    if (!answer?.ok) this.events.problem(answer?.status === 413 ? 'too_large' : answer?.status === 429 ? 'rate_limited' : 'refused')
  }

  private get address(): string {
    return `${this.server}/channels/site/${this.account}`
  }

  private async register(): Promise<string> {
    const answer = await fetch(`${this.address}/visitors`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' })
    if (!answer.ok) throw new Error(String(answer.status))
    const { visitor_token } = (await answer.json()) as { visitor_token: string }
    write(`okno.visitor.${this.account}`, visitor_token)
    return visitor_token
  }

  private hear(text: string): void {
    this.heardAt = Date.now()
    let frame: VisitorFrame
    try {
      frame = JSON.parse(text) as VisitorFrame
    } catch {
      return
    }
    if (frame.v !== 1) return
    if (frame.type === 'typing') this.events.typing(Date.parse(String(frame.data.until)))
    else if (frame.type === 'error') this.fail(frame.data)
    else if (this.talk.take(frame)) this.say({ type: 'subscribe', since: this.talk.seq })
    this.keep()
    this.events.changed()
  }

  /** A refusal that names a message ends that message; one that asks to slow down leaves it for the next connection. */
  private fail({ code, id }: Record<string, unknown>): void {
    if (typeof id === 'string' && code !== 'rate_limited') this.talk.refuse(id)
    this.events.problem(String(code))
  }

  private say(command: Record<string, unknown>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(command))
  }

  private later(): void {
    setTimeout(() => void this.connect(), backOff(this.failures, Math.random()))
    this.failures += 1
  }

  private forget(): void {
    this.token = null
    write(`okno.visitor.${this.account}`, null)
  }

  private keep(): void {
    write(`okno.unsent.${this.account}`, this.talk.unsent.length > 0 ? this.talk.unsent : null)
  }
}

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function read<T>(key: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') as T | null
  } catch {
    return null
  }
}

function write(key: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, JSON.stringify(value))
  } catch {
    // the shop's storage is closed or full: the talk lives as long as the page
  }
}
