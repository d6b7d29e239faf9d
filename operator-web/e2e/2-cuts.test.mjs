// After a cut of any kind the page holds exactly what the server holds.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { browser, bubble, clearDesk, customer, mark, open, signIn, take, write } from './page.mjs'

const said = (n) => `сообщение ${n} из ${mark}`
let chrome
let desk
let shop

before(async () => {
  chrome = await browser()
  desk = await open(chrome)
  await signIn(desk)
  await clearDesk(desk)
  shop = await customer(chrome, said(1))
  await take(desk, said(1))
})
after(async () => {
  await chrome?.close()
})

/** The customer's messages of this run, as the operator's page shows them. */
const shown = () => desk.locator('.talk .turn:not(.ours) .bubble .text').filter({ hasText: mark }).allInnerTexts()

test('what came while the operator was offline is there afterwards, in order, once', async () => {
  await desk.context().setOffline(true)
  await desk.getByText('Связь прервалась').waitFor()
  for (let n = 2; n <= 12; n += 1) {
    await write(shop, said(n))
    await shop.locator('.turn.mine:not(.unsent)', { hasText: said(n) }).waitFor()
  }
  await desk.locator('#reply').fill(`черновик во время обрыва ${mark}`)
  await desk.context().setOffline(false)
  await bubble(desk, said(12)).waitFor()
  assert.deepEqual(await shown(), Array.from({ length: 12 }, (_, n) => said(n + 1)))
  assert.equal(await desk.locator('#reply').inputValue(), `черновик во время обрыва ${mark}`)
})

test('a reply sent while offline waits, and leaves once when the line is back', async () => {
  await desk.waitForTimeout(1000) // what came must have stood before the operator's eyes, else the reply is held back
  await desk.context().setOffline(true)
  await desk.getByText('Связь прервалась').waitFor()
  await desk.locator('#reply').fill(`ответ без связи ${mark}`)
  await desk.keyboard.press('Control+Enter')
  await desk.getByText('ждёт связи').waitFor()
  await desk.context().setOffline(false)
  await shop.locator('.turn:not(.mine)', { hasText: `ответ без связи ${mark}` }).waitFor()
  await desk.locator('.talk .sending').waitFor({ state: 'detached' })
  assert.equal(await bubble(desk, `ответ без связи ${mark}`).count(), 1)
})

/** Breaks the next send: its answer only, or before it reaches the server. */
async function breakNextSend({ reaches }) {
  let broken = false
  await desk.unroute('**/messages')
  await desk.route('**/messages', async (route) => {
    if (route.request().method() !== 'POST' || broken) return route.continue()
    broken = true
    if (reaches) await route.fetch()
    await route.abort('connectionreset')
  })
}

test('a reply whose answer was lost is known by the message itself, and stands there once', async () => {
  await breakNextSend({ reaches: true })
  await desk.locator('#reply').fill(`ответ потерян ${mark}`)
  await desk.keyboard.press('Control+Enter')
  await shop.locator('.turn:not(.mine)', { hasText: `ответ потерян ${mark}` }).waitFor()
  await desk.locator('.talk .sending').waitFor({ state: 'detached' })
  assert.equal(await bubble(desk, `ответ потерян ${mark}`).count(), 1)
})

test('a reply whose fate is unknown says so, waits for the operator, and arrives once', async () => {
  await breakNextSend({ reaches: false })
  await desk.locator('#reply').fill(`неизвестная судьба ${mark}`)
  await desk.keyboard.press('Control+Enter')
  await desk.getByText('неизвестно, дошло ли').waitFor()
  await desk.getByRole('button', { name: 'Проверить' }).click()
  await shop.locator('.turn', { hasText: `неизвестная судьба ${mark}` }).waitFor()
  await desk.locator('.talk .sending').waitFor({ state: 'detached' })
  assert.equal(await bubble(desk, `неизвестная судьба ${mark}`).count(), 1)
  assert.equal(await shop.locator('.turn', { hasText: `неизвестная судьба ${mark}` }).count(), 1)
})

test('a customer who writes without a connection is heard once it is back', async () => {
  await shop.context().setOffline(true)
  await shop.getByText('Нет связи. Сообщения сохранятся').waitFor()
  await write(shop, said(13))
  await shop.locator('.turn.unsent', { hasText: said(13) }).waitFor()
  await shop.context().setOffline(false)
  await bubble(desk, said(13)).waitFor()
  await shop.locator('.turn.unsent').waitFor({ state: 'detached' })
  assert.equal(await bubble(desk, said(13)).count(), 1)
  assert.equal(await shop.locator('.turn', { hasText: said(13) }).count(), 1)
})

test('a customer who comes back to the shop finds the whole talk', async () => {
  await shop.reload()
  await shop.getByRole('button', { name: /Открыть чат/ }).click()
  await shop.locator('.turn', { hasText: said(13) }).waitFor()
  const mine = await shop.locator('.turn.mine').filter({ hasText: mark }).allInnerTexts()
  assert.equal(mine.length, 13)
})
