import { afterEach, expect, test, vi } from 'vitest'
import { Line } from './line'

class Socket extends EventTarget {
  static opened: Socket[] = []
  constructor() {
    super()
    Socket.opened.push(this)
  }
}

afterEach(() => vi.unstubAllGlobals())

test('two messages before the visitor is known make one visitor and one line', async () => {
  let answer: (value: unknown) => void = () => {}
  const register = vi.fn(() => new Promise((resolve) => (answer = resolve)))
  vi.stubGlobal('fetch', register)
  vi.stubGlobal('WebSocket', Object.assign(Socket, { OPEN: 1 }))
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {}, removeItem: () => {} })
  vi.stubGlobal('addEventListener', () => {})
  const line = new Line('http://shop.example', 'site', { changed() {}, connected() {}, typing() {}, problem() {} })
  line.send('first')
  line.send('second')
  answer({ ok: true, json: async () => ({ visitor_token: 'v' }) })
  await line.connect()
  expect(register).toHaveBeenCalledOnce()
  expect(Socket.opened).toHaveLength(1)
})
