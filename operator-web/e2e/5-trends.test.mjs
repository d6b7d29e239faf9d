// Trends as an analyst reads them: charts, figures down to their contacts, alerts by keyboard, files, and what comes by itself.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { browser, bubble, customer, mark, open, signIn, trendsCounted, until, violations } from './page.mjs'

let chrome
let desk

before(async () => {
  chrome = await browser()
  desk = await open(chrome)
  await signIn(desk)
  await trendsCounted(desk)
})
after(async () => {
  await chrome?.close()
})

const cards = () => desk.locator('.trends .card')
const rows = () => desk.locator('.trends .item')
const current = () => desk.locator('.trends .item[aria-current]')
const running = () => rows().filter({ hasText: 'вместо' })
/** The same request as the page makes, by somebody else. */
const call = (method, path, body) => desk.evaluate(async ([method, path, body]) => (await fetch(path, { method, headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: body && JSON.stringify(body) })).status, [method, path, body])

test('every topic has a chart that says what there is to see', async () => {
  await desk.getByRole('link', { name: /Тренды/ }).click()
  await cards().nth(3).locator('.plot canvas').waitFor()
  const name = await cards().first().getByRole('img').getAttribute('aria-label')
  assert.match(name, /^Все обращения: обращений за период: [\d\s]+\. Больше всего \d+/)
  assert.ok((await cards().count()) > 5)
})

test('period, step and filters stand in the address, survive a reload, and go back by the browser’s button', async () => {
  await desk.getByRole('button', { name: '30 дней' }).click()
  await desk.waitForURL(/period=30d/)
  await desk.getByRole('button', { name: 'Неделя', exact: true }).click()
  await desk.waitForURL(/step=1w/)
  await desk.locator('.filters').getByLabel('Канал').selectOption('telegram')
  await desk.waitForURL(/channel=telegram/)
  await desk.reload()
  await cards().first().locator('.plot canvas').waitFor()
  assert.equal(await desk.getByRole('button', { name: '30 дней' }).getAttribute('aria-pressed'), 'true')
  assert.equal(await desk.locator('.filters').getByLabel('Канал').inputValue(), 'telegram')
  await desk.goBack()
  await desk.waitForURL((url) => !url.search.includes('channel'))
  assert.equal(await desk.locator('.filters').getByLabel('Канал').inputValue(), '')
  await desk.goto('/trends')
})

test('a topic opens large, and its cities beside each other', async () => {
  const card = cards().nth(1)
  await card.waitFor()
  const topic = await card.getAttribute('aria-label')
  await card.locator('h3 a').click()
  await desk.waitForURL(/topic=/)
  await desk.getByRole('heading', { level: 2, name: topic }).waitFor()
  await desk.getByText('По городам').waitFor()
  await cards().first().locator('.plot canvas').waitFor()
  await desk.keyboard.press('Escape')
  await desk.waitForURL((url) => !url.search.includes('topic'))
})

test('each chart is a table too, one by one or all at once', async () => {
  await cards().first().locator('.plot canvas').waitFor()
  await cards().first().getByRole('button', { name: /показать таблицей/ }).click()
  const table = cards().first().getByRole('table')
  await table.waitFor()
  assert.deepEqual(await table.locator('thead th').allTextContents(), ['Время', 'Обращений', 'Ожидалось', 'Обычно', 'p, вероятность случайности'])
  assert.equal(await cards().nth(1).getByRole('table').count(), 0)
  await desk.getByRole('button', { name: 'Таблицами' }).click()
  await desk.waitForURL(/tables=1/)
  await cards().nth(2).getByRole('table').waitFor()
  await desk.getByRole('button', { name: 'Таблицами' }).click()
  await cards().first().locator('.plot canvas').waitFor()
})

test('a figure opens to its formula, its n and the contacts behind it, and from there to the talk', async () => {
  const shop = await customer(chrome, `Где мой заказ? Жду второй час, ${mark}`)
  await shop.context().close()
  await until(desk, async () => (await (await fetch('/api/trends/contacts?step=1h')).json()).items.length > 0)
  const sum = cards().first().locator('header .figure')
  const value = (await sum.innerText()).split(',')[0].trim()
  await sum.press('Enter')
  const dialog = desk.getByRole('dialog', { name: 'Как посчитано' })
  await dialog.getByText(/Сумма числа обращений по всем шагам/).waitFor()
  assert.equal(await dialog.locator('dd').first().innerText(), value)
  await dialog.locator('.behind li').first().waitFor()
  await desk.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await sum.click()
  await dialog.getByRole('link', { name: /^Открыть разговор/ }).first().click()
  await desk.waitForURL(/\/talk\//)
  await desk.goBack()
  await cards().first().locator('.plot canvas').waitFor()
})

test('what is shown is downloaded as CSV and as XLSX', async () => {
  for (const [format, begins] of [['CSV', 'topic,at'], ['XLSX', 'PK']]) {
    const coming = desk.waitForEvent('download')
    await desk.getByRole('link', { name: `Скачать показанное: ${format}` }).click()
    const file = await (await coming).path()
    assert.ok((await readFile(file, 'latin1')).includes(begins), format)
  }
})

test('alerts are walked with J, K and the arrows, and Esc leads back to the charts', async () => {
  await rows().nth(1).waitFor()
  await desk.locator('.status .conn').click()
  await desk.keyboard.press('j')
  await current().waitFor()
  const first = await current().getAttribute('href')
  await desk.keyboard.press('j')
  await desk.waitForURL((url) => !first.startsWith(url.pathname))
  await desk.keyboard.press('k')
  await desk.waitForURL((url) => first.startsWith(url.pathname))
  const comment = desk.locator('.alert textarea')
  await comment.fill('не дописано')
  await current().focus()
  await desk.keyboard.press('ArrowDown')
  await desk.waitForURL((url) => !first.startsWith(url.pathname))
  await comment.and(desk.locator(':placeholder-shown')).waitFor()
  await desk.keyboard.press('ArrowUp')
  await desk.waitForURL((url) => first.startsWith(url.pathname))
  await comment.and(desk.locator(':not(:placeholder-shown)')).waitFor()
  assert.equal(await comment.inputValue(), 'не дописано', 'a half-written comment waits where it was left')
  await desk.keyboard.press('ArrowDown')
  await desk.waitForURL((url) => !first.startsWith(url.pathname))
  await desk.keyboard.press('Escape')
  await desk.waitForURL((url) => url.pathname === '/trends')
  await desk.goBack()
  await current().waitFor()
})

test('an alert says how much more than usual, and leads to its causes and their talks', async () => {
  await running().first().click()
  await desk.locator('.alert h2').waitFor()
  await desk.locator('.alert .plot canvas').waitFor()
  await desk.locator('.alert header dl .figure').nth(1).click()
  await desk.getByRole('dialog', { name: 'Как посчитано' }).getByText('отрицательная биномиальная регрессия').waitFor()
  await desk.keyboard.press('Escape')
  const cause = desk.locator('.alert .where').first()
  const none = desk.getByText('Одной причины не нашлось')
  await cause.or(none).waitFor()
  if (await cause.isVisible()) {
    await cause.click()
    await desk.getByRole('heading', { name: 'Обращения этой причины' }).waitFor()
  }
  await desk.locator('.alert .side').last().locator('li time, .blank').first().waitFor()
})

test('an alert is acknowledged, commented, muted and judged by keyboard', async () => {
  await desk.locator('.status .conn').click()
  await desk.keyboard.press('a')
  await desk.getByRole('button', { name: /Принят: / }).waitFor()
  await desk.keyboard.press('c')
  await desk.keyboard.type(`позвонила на кухню, ${mark}`)
  await desk.keyboard.press('Control+Enter')
  await desk.locator('.alert li', { hasText: mark }).waitFor()
  await desk.keyboard.press('Escape')
  await desk.keyboard.press('r')
  await current().getByText('было на самом деле').waitFor()
  await desk.keyboard.press('n')
  await current().getByText('ложный').waitFor()
  await desk.keyboard.press('r')
  await current().getByText('было на самом деле').waitFor()
  await desk.keyboard.press('m')
  await desk.getByRole('menuitem', { name: '1 час' }).waitFor()
  await desk.keyboard.press('Enter')
  await current().getByText('приглушён').waitFor()
  await desk.getByRole('button', { name: /Приглушён до/ }).waitFor()
  await desk.keyboard.press('m')
  await desk.getByRole('button', { name: /Приглушить/ }).waitFor()
})

test('what a colleague does with an alert comes by itself', async () => {
  const id = new URL(desk.url()).pathname.split('/').at(-1)
  await desk.goto('/trends')
  const row = desk.locator(`.trends .item[href*="${id}"]`)
  await row.waitFor()
  assert.equal(await call('POST', `/api/trends/alerts/${id}/verdict`, { verdict: 'noise' }), 200)
  await row.getByText('ложный').waitFor()
  assert.equal(await call('POST', `/api/trends/alerts/${id}/verdict`, { verdict: 'real' }), 200)
  await row.getByText('было на самом деле').waitFor()
})

test('a theme that no label has is shown by its words and what was typically said, and its talks open', async () => {
  // themes take a quarter of an hour and a hundred talks: what the server would say of one is put in its place
  const get = (path) => desk.evaluate(async (path) => (await fetch(path)).json(), path)
  const [any] = (await get('/api/trends/alerts?kind=count')).items
  const { items } = await get('/api/trends/contacts?step=1h')
  const alert = { ...any, kind: 'theme', state: 'open', ended: null, topic: null, city: null, channel: null, restaurant: null, step: '15m', n: items.length, causes: [], words: ['робот', 'звонит', 'рассвет'], muted_until: null, verdict: null }
  const sentences = ['робот позвонил в шесть утра, мой номер [phone]', '<b>опять</b> этот робот']
  const own = `**/api/trends/alerts/${any.id}`
  await desk.route('**/api/trends/alerts?*', (route) => route.fulfill({ json: { items: [alert], next: null } }))
  await desk.route(own, (route) => route.fulfill({ json: { alert, series: [], sentences, history: [] } }))
  await desk.route(`${own}/contacts*`, (route) => route.fulfill({ json: { items, next: null } }))
  await desk.goto('/trends')
  await rows().filter({ hasText: 'Новая тема: робот, звонит, рассвет' }).first().click()
  await desk.getByRole('heading', { level: 2, name: 'Новая тема: робот, звонит, рассвет' }).waitFor()
  assert.deepEqual(await desk.locator('.alert .sentences q').allTextContents(), sentences)
  assert.deepEqual(await desk.locator('.alert .words li').allTextContents(), alert.words)
  assert.equal(await desk.locator('.alert .plot').count(), 0)
  await desk.locator('.alert header dl .figure').first().click()
  const dialog = desk.getByRole('dialog', { name: 'Как посчитано' })
  await dialog.getByText(/близки по смыслу/).waitFor()
  await desk.keyboard.press('Escape')
  await desk.locator('.alert .side').last().getByRole('link', { name: /^Открыть разговор/ }).first().click()
  await desk.waitForURL((url) => url.pathname === `/talk/${items[0].contact_id}`)
  await desk.unrouteAll()
})

test('a dish that many complain of is named as the cause, and leads to their talks', async () => {
  await desk.goto('/trends?period=7d')
  const dish = /^Том ям с курицей \(блюдо\)/
  await rows().filter({ has: desk.locator('.cause', { hasText: dish }) }).first().click()
  const cause = desk.locator('.alert .where', { hasText: dish })
  await cause.click()
  await desk.getByRole('heading', { name: 'Обращения этой причины' }).waitFor()
  await desk.getByRole('link', { name: /^Открыть разговор/ }).first().click()
  await desk.waitForURL(/\/talk\//)
  await bubble(desk, /том ям/i).waitFor()
  await desk.goto('/trends')
})

test('holidays stand with their sources; a day is added, one of the calendar taken out, and both are undone, by keyboard', async () => {
  await desk.goto('/trends')
  await cards().first().waitFor()
  await desk.locator('.status .conn').click()
  const list = '**/api/trends/holidays?*'
  await desk.route(list, (route) => route.fulfill({ status: 409, json: { code: 'conflict', message: '', request_id: '' } }))
  await desk.keyboard.press('h')
  const dialog = desk.getByRole('dialog', { name: 'Праздники' })
  await dialog.getByText('Праздники не загрузились.').waitFor()
  assert.deepEqual(await violations(desk), [], 'holidays that did not load')
  await desk.unroute(list)
  await dialog.getByRole('button', { name: 'Повторить' }).press('Enter')
  const next = new Date().getFullYear() + 1
  await dialog.getByLabel('Страна').selectOption('kz')
  await dialog.getByRole('combobox', { name: 'Год' }).selectOption(String(next))
  const row = (name) => dialog.locator('tbody tr', { hasText: name })
  await row('День столицы').getByText('Закон РК «О праздниках»').waitFor()

  const add = async (date) => {
    await dialog.getByLabel('Дата', { exact: true }).fill(date)
    await dialog.getByLabel('Название', { exact: true }).fill(`День кухни ${mark}`)
    await desk.keyboard.press('Enter')
  }
  await add(`${next}-04-14`)
  await row(mark).getByText(/^Добавлен: /).waitFor()
  await dialog.getByRole('status').filter({ hasText: /^Добавлено: .* 14 апреля\.$/ }).waitFor()
  await row('День столицы').getByRole('button', { name: /^Убрать из праздников: День столицы/ }).press('Enter')
  await row('День столицы').getByText('не праздник').waitFor()
  await add(`${next}-04-14`)
  await dialog.getByRole('alert').getByText(/Так уже и есть/).waitFor()
  assert.equal(await row(mark).count(), 1)
  assert.deepEqual(await violations(desk), [], 'holidays')

  await row(mark).getByRole('button', { name: /^Удалить/ }).press('Enter')
  await row(mark).waitFor({ state: 'detached' })
  await row('День столицы').getByRole('button', { name: /^Вернуть/ }).press('Enter')
  await row('День столицы').getByRole('button', { name: /^Убрать/ }).waitFor()
  await desk.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
})

test('nothing went wrong in the page on the way', () => {
  assert.deepEqual(desk.troubles, [])
})
