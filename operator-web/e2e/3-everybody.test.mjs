// Every page in three themes, at 100 and 200 % text: axe finds nothing, nothing is lost, and the pictures for the docs are taken.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { browser, bubble, callEvents, clearDesk, customer, mark, open, picture, regular, rewrite, signIn, signInHere, take, telegramChat, textSize, theme, trendsCounted, violations } from './page.mjs'

const THEMES = { light: 'Светлая', dark: 'Тёмная', contrast: 'Контрастная' }
let chrome
let desk

before(async () => {
  chrome = await browser()
})
after(async () => {
  await chrome?.close()
})

/** Looks at the page in each theme and size; leaves it light and at 100 %. */
async function everyWay(page, name, pictures = {}) {
  for (const [id, label] of Object.entries(THEMES)) {
    await theme(page, label)
    for (const percent of [100, 200]) {
      if (percent === 200) await textSize(page, 200)
      assert.deepEqual(await violations(page), [], `${name}, ${id}, ${percent} %`)
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      assert.ok(sideways <= 0, `${name}, ${id}, ${percent} %: the page scrolls sideways by ${sideways} px`)
      const shot = pictures[`${id} ${percent}`]
      if (shot) await picture(page, shot, { fullPage: percent === 200 })
      if (percent === 200) await textSize(page, 100)
    }
  }
  await theme(page, THEMES.light)
}

test('sign-in', async () => {
  desk = await open(chrome)
  await desk.getByLabel('Логин').waitFor()
  await everyWay(desk, 'sign-in', { 'light 100': 'sign-in' })
})

test('workspace without a talk', async () => {
  await signIn(desk)
  await clearDesk(desk)
  await desk.goto('/')
  await desk.getByText('На связи').waitFor()
  await everyWay(desk, 'empty workspace')
})

test('workspace with a talk of somebody whom we know by their phone', async () => {
  const { name, phone, order, dish } = await regular(desk)
  const id = Date.now() % 1e9
  const says = telegramChat(id, name.split(' ')[0])
  await says({ text: `Добрый вечер! Где мой заказ ${order}? Обещали к 19:10, жду уже 50 минут, дети голодные` })
  await says({ contact: { phone_number: phone, first_name: name, user_id: id } })
  await says({ text: `И в прошлый раз ${dish.toLowerCase()} приехал совсем холодным` })
  await take(desk, 'приехал совсем холодным')
  await desk.locator('.insight .score').first().waitFor()
  await desk.locator('.person .who').waitFor()
  await desk.locator('.person', { hasText: order }).waitFor()
  await bubble(desk, 'приехал совсем холодным').locator('.entity').first().waitFor()
  await bubble(desk, 'приехал совсем холодным').getByRole('button', { name: 'Почему так понято' }).click()
  await desk.locator('.because .phrase, .because').first().waitFor()
  await desk.locator('#reply').focus()
  await everyWay(desk, 'workspace', { 'light 100': 'light', 'dark 100': 'dark', 'contrast 100': 'contrast', 'light 200': 'text200' })
  await desk.locator('#reply').fill('/')
  await desk.getByRole('option').first().waitFor()
  assert.deepEqual(await violations(desk), [], 'open templates')
  await picture(desk, 'templates')
  await desk.keyboard.press('Escape')
  await desk.locator('#reply').fill('')
  await desk.keyboard.press('Alt+t')
  await desk.getByRole('dialog').waitFor()
  assert.deepEqual(await violations(desk), [], 'transfer')
  await desk.keyboard.press('Escape')
})

test('the wrap-up with its summary, read and edited', async () => {
  await desk.locator('#reply').fill('Курьер уже у подъезда')
  await desk.waitForTimeout(800) // the customer's words must have stood before the operator's eyes
  await desk.keyboard.press('Control+Enter')
  await bubble(desk, 'Курьер уже у подъезда').waitFor()
  await desk.getByRole('button', { name: 'Завершить' }).click()
  const summary = desk.locator('.talk .summary')
  await summary.getByText('Составлена моделью').waitFor()
  await summary.locator('a.rests').first().click()
  await desk.locator('.talk .row.marked').first().waitFor()
  await everyWay(desk, 'summary', { 'light 100': 'summary' })
  await summary.getByRole('button', { name: 'Исправить' }).click()
  await everyWay(desk, 'summary edited', {})
  await summary.getByRole('button', { name: 'Отмена' }).click()
  await desk.locator('.wrap').getByText('Решено', { exact: true }).click()
  await desk.getByRole('button', { name: 'Закрыть разговор' }).click()
  await desk.getByText(/Разговор закрыт\. Новое/).waitFor()
})

test('quality', async () => {
  await desk.goto('/quality')
  await desk.locator('.quality .item').first().waitFor()
  await everyWay(desk, 'quality without a choice')
  await desk.keyboard.press('j')
  await desk.locator('.sides a.rests').first().focus()
  await desk.locator('.sides li.marked').first().waitFor()
  await desk.locator('.figures dd.num').first().waitFor()
  await everyWay(desk, 'quality', { 'light 100': 'quality' })
  await rewrite(desk, /\/quality\/([0-9a-f-]+)/.exec(desk.url())[1], 'Курьер доехал, вопрос закрыт.')
  await desk.reload()
  await desk.locator('.words').getByText('Словами человека: Кратко.').waitFor()
  await desk.keyboard.press('v')
  await desk.locator('.versions ins').first().waitFor()
  await everyWay(desk, 'versions', { 'light 100': 'versions' })
  await desk.getByRole('button', { name: /Как посчитано/ }).click()
  await desk.getByRole('dialog').locator('li').first().waitFor()
  assert.deepEqual(await violations(desk), [], 'how the figures of quality are counted')
  await desk.keyboard.press('Escape')
  await desk.goto('/')
  await desk.getByText('На связи').waitFor()
})

test('trends', async () => {
  await trendsCounted(desk)
  await desk.goto('/trends')
  await desk.locator('.trends .card .plot canvas').nth(2).waitFor()
  await desk.locator('.trends .item').first().waitFor()
  await everyWay(desk, 'trends', { 'light 100': 'trends', 'dark 100': 'trends-dark' })
  await desk.locator('.trends .card .figure').first().click()
  await desk.getByRole('dialog').locator('.behind li').first().waitFor()
  assert.deepEqual(await violations(desk), [], 'how a figure is counted')
  await picture(desk, 'trends-figure')
  await desk.keyboard.press('Escape')
  await desk.getByRole('button', { name: 'Таблицами' }).click()
  await desk.locator('.trends .card table').first().waitFor()
  assert.deepEqual(await violations(desk), [], 'trends as tables')
  await desk.getByRole('button', { name: 'Таблицами' }).click()
  await desk.keyboard.press('j')
  await desk.locator('.trends .alert header dl').waitFor()
  await desk.locator('.trends .alert .side li').first().waitFor()
  await everyWay(desk, 'an alert', { 'light 100': 'trends-alert' })
  await desk.goto('/')
  await desk.getByText('На связи').waitFor()
})

test('the widget', async () => {
  const shop = await customer(chrome, 'Здравствуйте! Привезёте в Химки к семи вечера?')
  await take(desk, 'Привезёте в Химки')
  await desk.locator('#reply').pressSequentially('Да')
  await shop.getByText('Оператор печатает…').waitFor()
  assert.deepEqual(await violations(shop), [], 'widget')
  await picture(shop, 'widget')
})

test('a call', async () => {
  const segment = (id, speaker, text, start, final = true) => ({ event: 'segment', segment_id: id, speaker, text, start_ms: start, end_ms: start + 3000, final })
  await callEvents(mark, [{ event: 'ringing', from: '+79005550142', to: '+78005550100' }, { event: 'answered' }, segment('1', 'operator', 'служба доставки меня зовут марина', 2000), segment('2', 'customer', `алло я жду уже час ${mark}`, 6000)])
  await take(desk, `жду уже час ${mark}`)
  await desk.locator('.talk .segment', { hasText: 'я жду уже час' }).waitFor()
  await callEvents(mark, [segment('3', 'customer', 'сорок восемь двести', 15000, false)])
  await desk.locator('.talk .segment.partial', { hasText: 'сорок восемь двести' }).waitFor()
  await everyWay(desk, 'call', { 'light 100': 'call' })
  await callEvents(mark, [segment('3', 'customer', 'сорок восемь двести тринадцать', 15000)])
  await desk.locator('.talk .segment:not(.partial)', { hasText: 'двести тринадцать' }).waitFor()
  await desk.locator('.talk .segment.partial').waitFor({ state: 'detached' })
})

test('all keys', async () => {
  await desk.locator('.status').click()
  await desk.keyboard.press('?')
  await desk.getByRole('dialog', { name: 'Клавиши' }).waitFor()
  assert.deepEqual(await violations(desk), [], 'keys')
  await desk.keyboard.press('Escape')
})

for (const [path, name] of Object.entries({ operators: 'Операторы', templates: 'Шаблоны', accounts: 'Каналы', audit: 'Журнал действий' })) {
  test(`administration: ${path}`, async () => {
    await desk.goto(`/admin/${path}`)
    await desk.getByRole('heading', { name, level: 1 }).waitFor()
    await desk.getByRole('table').waitFor()
    await everyWay(desk, path, { 'light 100': `admin-${path}` })
  })
}

test('the words change with the language, and the choice is kept on the server', async () => {
  for (const [language, words] of [['Қазақша', 'Журнал'], ['Oʻzbekcha', 'Harakatlar'], ['English', 'Audit log'], ['Русский', 'Журнал действий']]) {
    await desk.locator('.me').click()
    const saved = desk.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.url().endsWith('/preferences'))
    await desk.getByRole('menuitemradio', { name: language }).click()
    await saved
    await desk.keyboard.press('Escape')
    await desk.reload()
    if (language !== 'Қазақша') await desk.getByRole('heading', { level: 1, name: new RegExp(words) }).waitFor()
    else await desk.getByRole('heading', { level: 1, name: /журналы/ }).waitFor()
  }
  assert.deepEqual(desk.troubles, [])
})

test('a session that ended elsewhere leads back to sign-in, and back to the page after it', async () => {
  await desk.goto('/admin/audit')
  await desk.getByRole('table').waitFor()
  await desk.evaluate(() => fetch('/api/session', { method: 'DELETE', headers: { 'Idempotency-Key': crypto.randomUUID() } }))
  await desk.getByRole('link', { name: 'Операторы' }).click()
  await desk.getByText('Сеанс закончился').waitFor()
  await signInHere(desk)
  await desk.getByRole('heading', { level: 1 }).waitFor()
  assert.match(desk.url(), /\/admin\//)
})
