import type { Line } from './line'
import { button, el, foot, name } from './parts'
import { STYLE } from './style'
import type { Unsent, VisitorMessage } from './talk'
import type { Words } from './words'

const ICONS = {
  chat: 'M21 15a2 2 0 0 1-2 2H8l-5 4V5a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2z',
  close: 'M18 6 6 18M6 6l12 12',
  send: 'm22 2-7 20-4-9-9-4zM22 2 11 13',
  attach: 'm21 11-9 9a6 6 0 0 1-8-8l9-9a4 4 0 0 1 6 6l-9 9a2 2 0 0 1-3-3l8-8',
}
const NEAR_END = 60
const LONGEST = 4000

/** The chat window. Everything a person wrote enters the page as text, never as markup. */
export class ChatWindow {
  private host = el('div')
  private launch = button('launch', ICONS.chat)
  private count = el('span', 'count')
  private box = el('div', 'window')
  private log = el('div', 'log')
  private said = el('p', 'say')
  private cut = el('p', 'cut')
  private field = el('textarea')
  private submit = button('round send', ICONS.send)
  private drawn = new Map<string, { node: HTMLElement; signature: string }>()
  private seen = 0
  private typedAt = 0
  private quiet: ReturnType<typeof setTimeout> | undefined

  constructor(
    private words: Words,
    private language: string,
    private line: () => Line,
  ) {
    this.build()
    document.body.append(this.host)
  }

  private build(): void {
    const { words } = this
    const root = this.host.attachShadow({ mode: 'open' })
    const style = el('style')
    style.textContent = STYLE
    this.host.lang = this.language
    name(this.launch, words.open)
    this.launch.setAttribute('aria-expanded', 'false')
    this.launch.append(this.count)
    this.launch.addEventListener('click', () => this.show(true))
    this.box.setAttribute('role', 'dialog')
    this.box.setAttribute('aria-label', words.title)
    this.box.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.show(false)
    })
    const head = el('div', 'head')
    const title = el('span')
    title.textContent = words.title
    const close = button('round', ICONS.close)
    name(close, words.close)
    close.addEventListener('click', () => this.show(false))
    head.append(title, close)
    this.log.setAttribute('role', 'log')
    this.log.setAttribute('aria-live', 'polite')
    this.log.setAttribute('aria-label', words.log)
    this.log.tabIndex = 0
    this.said.setAttribute('role', 'status')
    this.cut.setAttribute('role', 'status')
    this.cut.textContent = words.cut
    this.cut.hidden = true
    this.box.append(head, this.log, this.said, this.cut, this.form())
    this.box.hidden = true
    this.count.hidden = true
    root.append(style, this.box, this.launch)
    const hello = el('p', 'turn')
    hello.textContent = words.hello
    this.log.append(hello)
  }

  private form(): HTMLElement {
    const form = el('form')
    const file = el('input')
    file.type = 'file'
    file.hidden = true
    const attach = button('round', ICONS.attach)
    name(attach, this.words.attach)
    attach.addEventListener('click', () => file.click())
    file.addEventListener('change', () => {
      if (file.files?.[0]) void this.line().upload(file.files[0])
      file.value = ''
    })
    this.field.rows = 1
    this.field.maxLength = LONGEST
    this.field.placeholder = this.words.field
    this.field.setAttribute('aria-label', this.words.field)
    this.field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
      event.preventDefault()
      this.send()
    })
    this.field.addEventListener('input', () => this.typed())
    name(this.submit, this.words.send)
    this.submit.type = 'submit'
    this.submit.disabled = true
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.send()
    })
    form.append(attach, file, this.field, this.submit)
    return form
  }

  private fit(): void {
    this.submit.disabled = this.field.value.trim() === ''
    this.field.style.height = 'auto'
    this.field.style.height = `${this.field.scrollHeight}px`
  }

  private typed(): void {
    this.fit()
    if (Date.now() - this.typedAt < 3000) return
    this.typedAt = Date.now()
    this.line().typing()
  }

  private send(): void {
    const text = this.field.value.trim()
    if (!text) return
    this.field.value = ''
    this.typedAt = 0
    this.fit()
    this.line().send(text)
    this.log.scrollTop = this.log.scrollHeight
  }

  private show(open: boolean): void {
    this.box.hidden = !open
    this.launch.hidden = open
    this.host.classList.toggle('open', open)
    this.launch.setAttribute('aria-expanded', String(open))
    if (open) {
      void this.line().connect()
      this.draw()
      this.log.scrollTop = this.log.scrollHeight
      this.field.focus()
    } else this.launch.focus()
  }

  connected(yes: boolean): void {
    this.cut.hidden = yes
  }

  typing(until: number): void {
    this.say(this.words.typing, Math.max(1000, until - Date.now()))
  }

  problem(code: string): void {
    this.say({ rate_limited: this.words.full, too_large: this.words.too_large }[code] ?? this.words.refused, 6000)
  }

  private say(text: string, milliseconds: number): void {
    this.said.textContent = text
    clearTimeout(this.quiet)
    this.quiet = setTimeout(() => (this.said.textContent = ''), Math.min(milliseconds, 15_000))
  }

  /** Brings the log to the talk's state, touching only what changed. */
  draw(): void {
    const { talk } = this.line()
    const follow = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END
    const wanted = new Set<string>()
    for (const message of talk.messages) this.put(wanted, message.id, message, () => this.turn(message))
    for (const unsent of talk.unsent) this.put(wanted, `unsent ${unsent.id}`, unsent, () => this.unsent(unsent))
    for (const [key, { node }] of this.drawn) {
      if (wanted.has(key)) continue
      node.remove()
      this.drawn.delete(key)
    }
    if (talk.state === 'closed' && this.said.textContent === '') this.say(this.words.closed, 15_000)
    if (follow) this.log.scrollTop = this.log.scrollHeight
    const theirs = talk.messages.filter(({ author }) => author !== 'customer').length
    if (!this.box.hidden) this.seen = theirs
    this.count.hidden = theirs <= this.seen
    this.count.textContent = String(theirs - this.seen)
    name(this.launch, theirs > this.seen ? `${this.words.open}. ${this.words.unread(theirs - this.seen)}` : this.words.open)
  }

  private put(wanted: Set<string>, key: string, value: object, make: () => HTMLElement): void {
    wanted.add(key)
    const signature = JSON.stringify(value)
    const known = this.drawn.get(key)
    if (known?.signature === signature) {
      if (this.log.children[wanted.size] !== known.node) this.log.insertBefore(known.node, this.log.children[wanted.size] ?? null)
      return
    }
    const node = make()
    if (known) known.node.replaceWith(node)
    else this.log.insertBefore(node, this.log.children[wanted.size] ?? null)
    this.drawn.set(key, { node, signature })
  }

  private turn(message: VisitorMessage): HTMLElement {
    const mine = message.author === 'customer'
    const node = el('div', mine ? 'turn mine' : 'turn')
    node.append(this.who(mine), message.text ?? '')
    for (const file of message.attachments ?? []) {
      const link = el('a')
      link.textContent = file.name ?? this.words.file
      if (file.url?.startsWith('/')) {
        link.href = this.line().server + file.url
        link.target = '_blank'
        link.rel = 'noopener'
      }
      node.append(link)
    }
    node.append(foot(new Date(message.at).toLocaleTimeString(this.language, { hour: '2-digit', minute: '2-digit' })))
    return node
  }

  private unsent({ text, refused }: Unsent): HTMLElement {
    const node = el('div', 'turn mine unsent')
    node.append(this.who(true), text, foot(refused ? this.words.refused : this.words.waiting, refused))
    return node
  }

  private who(mine: boolean): HTMLElement {
    const who = el('span', 'who')
    who.textContent = `${mine ? this.words.you : this.words.operator}: `
    return who
  }
}
