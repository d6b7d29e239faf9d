// What every browser test needs: a real Chromium, a signed-in operator, a customer in the widget, and axe.
import { mkdir } from 'node:fs/promises'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'

export const URL_OF_SERVER = process.env.OKNO_URL ?? 'http://127.0.0.1:8080'
const LOGIN = process.env.OKNO_LOGIN
const PASSWORD = process.env.OKNO_PASSWORD
const PICTURES = process.env.OKNO_PICTURES
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

export async function browser() {
  if (!LOGIN || !PASSWORD) throw new Error('Set OKNO_LOGIN and OKNO_PASSWORD to an operator of the server at OKNO_URL.')
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS })
}

/** A fresh page whose errors fail the test that holds it. */
export async function open(chrome, path = '/', options = {}) {
  const context = await chrome.newContext({ viewport: { width: 1440, height: 900 }, locale: 'ru-RU', reducedMotion: 'reduce', baseURL: URL_OF_SERVER, ...options })
  const page = await context.newPage()
  page.troubles = []
  page.on('pageerror', (error) => page.troubles.push(error.message))
  page.on('console', (line) => {
    const noSummaryYet = line.text().includes('status of 404') && line.location().url.endsWith('/summary')
    if (line.type() === 'error' && !noSummaryYet && !/status of (401|409)|ERR_INTERNET_DISCONNECTED|WebSocket/.test(line.text())) page.troubles.push(line.text())
  })
  await page.goto(path)
  return page
}

/** Fills the form, whatever page comes after it. */
export async function signInHere(page) {
  await page.getByLabel('Логин').fill(LOGIN)
  await page.getByLabel('Пароль').fill(PASSWORD)
  await page.keyboard.press('Enter')
}

export async function signIn(page) {
  await signInHere(page)
  await page.getByRole('button', { name: 'Взять следующего' }).first().waitFor()
  await page.getByText('На связи').waitFor()
}

/** Leaves the operator ready and without talks of their own, whatever an earlier run left behind. */
export async function clearDesk(page) {
  await page.evaluate(async () => {
    const call = (method, path, body) => fetch(path, { method, headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: body && JSON.stringify(body) })
    await call('PUT', '/api/me/presence', { state: 'ready' })
    const { items } = await (await call('GET', '/api/contacts?scope=mine&limit=100')).json()
    for (const { id, state } of items) {
      if (state === 'offered') await call('POST', `/api/contacts/${id}/accept`)
      if (state === 'held') await call('POST', `/api/contacts/${id}/resume`)
      if (state !== 'wrap_up') await call('POST', `/api/contacts/${id}/finish`)
      await call('POST', `/api/contacts/${id}/close`, { outcome: 'none' })
    }
  })
}

/** A customer on the shop's page with the chat open, who has written `text`. */
export async function customer(chrome, text) {
  const page = await open(chrome, '/shop.html')
  await page.getByRole('button', { name: /Открыть чат/ }).click()
  await write(page, text)
  await page.locator('.turn.mine:not(.unsent)', { hasText: text }).waitFor()
  return page
}

export async function write(page, text) {
  await page.getByLabel('Сообщение').fill(text)
  await page.keyboard.press('Enter')
}

/** A Russian customer of the demonstration who has ordered often: name, phone, their last order's number and first dish. */
export async function regular(page) {
  return page.evaluate(async () => {
    const call = async (path, method = 'GET') => (await fetch(path, { method, headers: { 'Idempotency-Key': crypto.randomUUID() } })).json()
    const { items } = await call(`/api/customers?limit=50&query=${encodeURIComponent('Анна')}`)
    for (const { customer_id, phone_masked } of items) {
      if (!phone_masked?.startsWith('+7 9')) continue
      const { name, phones, orders, orders_total } = await call(`/api/customers/${customer_id}/card`)
      if (orders_total < 10 || phones.length === 0) continue
      const { phone } = await call(`/api/customers/${customer_id}/phones/${phones[0].id}/reveal`, 'POST')
      return { name, phone, order: orders[0].number, dish: orders[0].lines[0].name }
    }
    throw new Error('The demonstration has no Anna with ten orders.')
  })
}

/** Puts the text of a contact's summary right, as somebody at another desk would. */
export async function rewrite(page, contact, text) {
  const status = await page.evaluate(async ([id, text]) => {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }
    const { version, account } = await (await fetch(`/api/contacts/${id}/summary`)).json()
    const body = JSON.stringify({ version, summary: { ...account.summary, text } })
    return (await fetch(`/api/contacts/${id}/summary`, { method: 'PUT', headers, body })).status
  }, [contact, text])
  if (status !== 200) throw new Error(`The summary was not changed: ${status}`)
}

/** Asks the page until it says yes; its own waiting takes a promise for a yes. */
export async function until(page, check, arg) {
  for (const end = Date.now() + 300_000; Date.now() < end; await page.waitForTimeout(1000)) if (await page.evaluate(check, arg)) return
  throw new Error(`In five minutes this was never true: ${check}`)
}

/** Waits until the demonstration's weeks before are counted and judged by the hour and by the day, and something stands out. */
export const trendsCounted = (page) =>
  until(page, async () => {
    const get = async (path) => (await fetch(path)).json()
    const judged = async (step, hours) => (await get(`/api/trends/overview?step=${step}`)).items?.some(({ last }) => last?.expected != null && Date.now() - Date.parse(last.at) < hours * 3_600_000)
    return (await judged('1h', 3)) && (await judged('1d', 72)) && (await get('/api/trends/alerts?kind=count')).items?.length > 0
  })

/** What Telegram posts when somebody writes to the demonstration's bot, in one private chat. */
export function telegramChat(id, name) {
  let number = 0
  return async (message) => {
    number += 1
    const from = { id, is_bot: false, first_name: name, language_code: 'ru' }
    const head = { message_id: number, from, chat: { id, type: 'private', first_name: name }, date: Math.floor(Date.now() / 1000) }
    const headers = { 'Content-Type': 'application/json', 'X-Telegram-Bot-Api-Secret-Token': 'demo-bot-secret' }
    const body = JSON.stringify({ update_id: id * 1000 + number, message: { ...head, ...message } })
    const answer = await fetch(`${URL_OF_SERVER}/channels/telegram/demo-bot`, { method: 'POST', headers, body })
    if (!answer.ok) throw new Error(`The bot's webhook answered ${answer.status}: is the server at OKNO_URL the demonstration?`)
  }
}

/** Events of a call, as a recogniser or a PBX posts them; OKNO_CALL_TOKEN is the source's own token. */
export async function callEvents(callId, events) {
  const account = process.env.OKNO_CALL_ACCOUNT ?? 'demo-calls'
  const lines = events.map((event) => JSON.stringify({ call_id: callId, at: new Date().toISOString(), ...event })).join('\n')
  const headers = { Authorization: `Bearer ${process.env.OKNO_CALL_TOKEN}`, 'Content-Type': 'application/x-ndjson' }
  const answer = await fetch(`${URL_OF_SERVER}/channels/calls/${account}`, { method: 'POST', headers, body: `${lines}\n` })
  if (!answer.ok) throw new Error(`The calls channel answered ${answer.status}: set OKNO_CALL_ACCOUNT and OKNO_CALL_TOKEN to a source of the server.`)
  // each line is answered when it is committed; an answer that nobody reads holds up the connection
  const refused = (await answer.text()).split('\n').filter((line) => line !== '' && !JSON.parse(line).ok)
  if (refused.length > 0) throw new Error(refused.join('\n'))
}

/** The row of the queue whose last words are `text`, opened and taken. */
export async function take(page, text) {
  const row = page.locator('.queue a', { hasText: text }).first()
  const path = await row.getAttribute('href')
  // a reading that comes meanwhile may move the row away from under the pointer, which then opens another talk or none
  for (let press = 0; press < 5 && !page.url().endsWith(path); press += 1) {
    await row.click()
    await page.waitForURL(`**${path}`, { timeout: 2000 }).catch(() => {})
  }
  await page.waitForURL(`**${path}`)
  const accept = page.getByRole('button', { name: 'Взять разговор' })
  const reply = page.locator('#reply')
  await accept.or(reply).first().waitFor()
  if (await accept.isVisible()) await accept.click()
  await reply.waitFor()
}

/** Tells this run's words from those of others; of letters alone, so that no model takes it for a number or a code. */
export const mark = Date.now().toString(36).replace(/\d/g, (digit) => 'abcdefghij'[digit])

export const bubble = (page, text) => page.locator('.talk .bubble', { hasText: text })

/** Every violation of WCAG 2.2 A and AA that axe finds, as readable lines. */
export async function violations(page) {
  const { violations: found } = await new AxeBuilder({ page }).withTags(WCAG).analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}

export async function theme(page, name) {
  await page.getByRole('button', { name, exact: true }).click()
}

/** Text of `percent`, through the switch that the operator has. */
export async function textSize(page, percent) {
  const button = page.getByRole('button', { name: percent > 100 ? 'Крупнее' : 'Мельче' })
  for (let press = 0; press < 4; press += 1) await button.click()
  await page.getByText(`${percent}\u00a0%`, { exact: true }).first().waitFor()
}

/** A picture for docs/img, taken only where OKNO_PICTURES says where to put it. */
export async function picture(page, name, options = {}) {
  if (!PICTURES) return
  await mkdir(PICTURES, { recursive: true })
  await page.screenshot({ path: `${PICTURES}/${name}.png`, ...options })
}
