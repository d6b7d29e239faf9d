// Compensation and promises: what was given and promised is counted from what talks came to, down to the talk.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { browser, bubble, clearDesk, mark, open, picture, regular, signIn, take, telegramChat, theme, until, violations } from './page.mjs'

let chrome
let desk

const section = (name) => desk.getByRole('region', { name, exact: true }).first()
const whole = (name, column) => section(name).locator('dl > div', { has: desk.getByText(column, { exact: true }) }).locator('.figure')
const shown = async (figure) => (await figure.innerText()).split(',')[0].trim()
const counted = (of) => until(desk, async (of) => (await (await fetch('/api/trends/given')).json())[of].all.n > 0, of)

async function replies(text) {
  await desk.waitForTimeout(800) // the customer's words must have stood before the operator's eyes
  await desk.locator('#reply').fill(text)
  await desk.keyboard.press('Control+Enter')
  await bubble(desk, text).waitFor()
}

before(async () => {
  chrome = await browser()
  desk = await open(chrome)
  await signIn(desk)
  await clearDesk(desk)
  const known = await regular(desk)
  const id = Date.now() % 1e9
  const write = telegramChat(id, known.name.split(' ')[0])
  await write({ text: `В пакете нет супа, а он в чеке есть. Верните деньги за суп, ${mark}` })
  await desk.goto('/')
  await take(desk, mark)
  await replies('Вернула вам 690 рублей на карту.')
  await replies('Старший смены перезвонит вам завтра до 12:00.')
  await desk.getByRole('button', { name: 'Завершить' }).click()
  await desk.locator('.talk .summary').getByText('Составлена моделью').waitFor()
  await counted('compensation')
  await counted('promises')
})
after(async () => {
  await chrome?.close()
})

test('trends lead to it, and it says how much was given and promised', async () => {
  await desk.goto('/trends?period=30d')
  await desk.getByRole('link', { name: 'Компенсации и обещания' }).click()
  await desk.waitForURL(/\/trends\/given\?period=30d/)
  await desk.getByRole('heading', { level: 2, name: 'Обещания' }).waitFor()
  assert.match(await whole('Компенсации', 'Сумма').innerText(), /₽/)
  assert.match(await section('Компенсации').innerText(), /690/, 'the sum of its topic, whatever other talks gave')
  assert.ok(Number(await shown(whole('Обещания', 'Срок идёт'))) >= 1)
  assert.match(await section('Компенсации').getByRole('img').getAttribute('aria-label'), /Компенсации: По дням: \d+ за период/)
  await section('Компенсации').getByRole('table').filter({ hasText: 'Возврат денег' }).waitFor()
})

test('a figure opens to its formula, its n and the contacts behind it, and from there to the talk', async () => {
  const figure = whole('Обещания', 'Срок идёт')
  const value = await shown(figure)
  await figure.press('Enter')
  const dialog = desk.getByRole('dialog', { name: 'Как посчитано' })
  await dialog.getByText(/Срок ещё не наступил/).waitFor()
  assert.equal(await dialog.locator('dd').first().innerText(), value)
  await dialog.locator('.behind li', { hasText: 'срок' }).first().waitFor()
  assert.deepEqual(await violations(desk), [], 'how a figure is counted')
  await desk.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await whole('Компенсации', 'Всего').click()
  await dialog.getByText(/каждый вид с одной суммой считается один раз/).waitFor()
  await dialog.locator('.behind li', { hasText: '690' }).first().waitFor()
  await dialog.getByRole('link', { name: /^Открыть разговор/ }).first().click()
  await desk.waitForURL(/\/talk\//)
  await desk.goBack()
  await desk.getByRole('heading', { level: 2, name: 'Обещания' }).waitFor()
})

test('it is filtered, tabled and downloaded, and the address keeps what is looked at', async () => {
  await desk.locator('.filters').getByLabel('Тема').selectOption('consultation.cooperation') // nobody writes of it
  await desk.waitForURL(/topic=consultation\.cooperation/)
  await desk.getByText(/ничего не обещали/).waitFor()
  await desk.goBack()
  await desk.getByRole('button', { name: 'Таблицами' }).click()
  await desk.waitForURL(/tables=1/)
  await section('Обещания').getByRole('table').first().getByRole('columnheader', { name: 'День' }).waitFor()
  await desk.reload()
  await section('Обещания').getByRole('table').first().getByRole('columnheader', { name: 'День' }).waitFor()
  const coming = desk.waitForEvent('download')
  await desk.getByRole('link', { name: 'Скачать показанное: CSV' }).click()
  assert.match(await readFile(await (await coming).path(), 'utf8'), /^of,day,topic,city,channel,type,state,n,currency,sum_minor\n/)
  await desk.getByRole('button', { name: 'Таблицами' }).click()
  await section('Обещания').getByRole('img').waitFor()
})

test('axe finds nothing in any theme, and the page does not scroll sideways', async () => {
  for (const name of ['Светлая', 'Тёмная', 'Контрастная']) {
    await theme(desk, name)
    assert.deepEqual(await violations(desk), [], name)
    const sideways = await desk.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    assert.ok(sideways <= 0, `${name}: the page scrolls sideways by ${sideways} px`)
  }
  await theme(desk, 'Светлая')
  await picture(desk, 'given')
})

test('Esc leads back to the trends, and nothing went wrong on the way', async () => {
  await desk.locator('.status .conn').click()
  await desk.keyboard.press('Escape')
  await desk.waitForURL((url) => url.pathname === '/trends')
  assert.deepEqual(desk.troubles, [])
})

test('what does not load says so and is asked for again', async () => {
  await desk.route('**/api/trends/given?*', (route) => route.fulfill({ status: 500, json: { code: 'internal', message: '', request_id: '' } }))
  await desk.goto('/trends/given')
  await desk.getByText('Цифры не загрузились.').waitFor()
  await desk.unrouteAll()
  await desk.getByRole('button', { name: /ещё раз|Повторить/i }).click()
  await desk.getByRole('heading', { level: 2, name: 'Обещания' }).waitFor()
})

test('a period that is too long is told as such, and choosing another helps', async () => {
  await desk.goto('/trends/given?period=own&first=2020-01-01&last=2026-01-01')
  await desk.getByText('Выберите период не длиннее 366 дней').waitFor()
  assert.equal(await desk.getByRole('button', { name: /ещё раз|Повторить/i }).count(), 0)
  await desk.locator('.filters').getByLabel('Первый день').fill('2025-12-01')
  await desk.getByText('Выберите период не длиннее 366 дней').waitFor({ state: 'detached' })
})
