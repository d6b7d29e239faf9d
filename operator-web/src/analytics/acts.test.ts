import { createPinia } from 'pinia'
import { createApp, h, nextTick, type App } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TrendAlert } from '@/client'
import { i18n } from '@/locales'
import { useKeyListener } from '@/shell/keys'
import AlertActs from './AlertActs.vue'

const { asked } = vi.hoisted(() => ({ asked: [] as [string, unknown][] }))
vi.mock('@/client/client.gen', () => ({ client: { setConfig: () => {} } }))
vi.mock('@/client', () => {
  const answer = (act: string) => ({ path, body }: { path: { alert_id: string }; body?: unknown }) => {
    asked.push([`${act} ${path.alert_id}`, body])
    return Promise.resolve({ data: { id: path.alert_id, seq: 2 }, response: { ok: true, status: 200 } })
  }
  return { trendsAcknowledgeAlert: answer('acknowledge'), trendsMuteAlert: answer('mute'), trendsJudgeAlert: answer('judge'), trendsCommentAlert: answer('comment') }
})

const alert = (change: Partial<TrendAlert>) => ({ id: 'a', seq: 1, kind: 'count', state: 'open', zone: 'Europe/Moscow', acknowledged_by: null, muted_until: null, verdict: null, comments: 0, ...change }) as TrendAlert
const press = (code: string) => document.dispatchEvent(new KeyboardEvent('keydown', { code, key: code.slice(3).toLowerCase(), bubbles: true }))
const settled = () => new Promise((done) => setTimeout(done))
let app: App | null = null
const changed: unknown[] = []

beforeEach(() => {
  asked.splice(0)
  changed.splice(0)
})
afterEach(() => app?.unmount())

async function shown(change: Partial<TrendAlert>): Promise<void> {
  const root = {
    setup() {
      useKeyListener()
      return () => h(AlertActs, { alert: alert(change), onChanged: (one: unknown) => changed.push(one) })
    },
  }
  app = createApp(root).use(createPinia()).use(i18n)
  app.mount(document.body.appendChild(document.createElement('div')))
  await nextTick()
}

describe('the keys of an alert', () => {
  it('take note of it once, and hand on what the server answered', async () => {
    await shown({})
    press('KeyA')
    await settled()
    expect(asked.map(([act]) => act)).toEqual(['acknowledge a'])
    expect(changed).toEqual([{ id: 'a', seq: 2 }])
  })

  it('do not take note of what was taken note of', async () => {
    await shown({ state: 'acknowledged' })
    press('KeyA')
    await settled()
    expect(asked).toEqual([])
  })

  it('say whether it was real', async () => {
    await shown({})
    press('KeyR')
    await settled()
    press('KeyN')
    await settled()
    expect(asked).toEqual([['judge a', { verdict: 'real' }], ['judge a', { verdict: 'noise' }]])
  })

  it('mute through a menu, and unmute at once', async () => {
    await shown({})
    press('KeyM')
    await settled()
    expect(asked).toEqual([])
    app?.unmount()
    await shown({ muted_until: '2999-01-01T00:00:00Z' })
    press('KeyM')
    await settled()
    expect(asked).toEqual([['mute a', { until: null }]])
  })
})
