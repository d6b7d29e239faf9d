// An operator's work from the queue to the close, with a real customer in the widget.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { browser, bubble, clearDesk, customer, mark, open, signIn, take, write } from './page.mjs'

let chrome
let desk
let shop

before(async () => {
  chrome = await browser()
  desk = await open(chrome)
})
after(async () => {
  await chrome?.close()
})

test('a wrong password is refused, and says so', async () => {
  await desk.getByLabel('Логин').fill('nobody')
  await desk.getByLabel('Пароль').fill('not a password')
  await desk.keyboard.press('Enter')
  await desk.getByRole('alert').filter({ hasText: 'не подходят' }).waitFor()
})

test('the operator signs in', async () => {
  await signIn(desk)
  await clearDesk(desk)
  await desk.reload()
  await desk.getByText('На связи').waitFor()
})

test('what a customer writes in the widget stands in the queue within a second', async () => {
  shop = await open(chrome, '/shop.html')
  await shop.getByRole('button', { name: /Открыть чат/ }).click()
  await shop.getByText('Здравствуйте! Напишите, чем помочь.').waitFor()
  await write(shop, `Где мой заказ ${mark}?`)
  const began = Date.now()
  await desk.locator('.queue a', { hasText: mark }).waitFor()
  desk.tookMs = Date.now() - began
  assert.ok(await desk.locator('.queue a', { hasText: mark }).isVisible())
})

test('the next in the queue is taken with Alt+N', async () => {
  await desk.keyboard.press('Alt+n')
  await desk.waitForURL(/\/talk\//)
  await desk.locator('#reply').waitFor()
})

test('the talk shows the customer’s words and what the models read in them', async () => {
  await take(desk, mark)
  await bubble(desk, mark).waitFor()
  await desk.locator('.insight .score').first().waitFor()
  assert.match(await desk.locator('.insight .score').first().innerText(), /^\d+\s%\??$/)
})

test('the words that decided are told when asked', async () => {
  const why = desk.getByRole('button', { name: 'Почему так понято' }).first()
  await why.focus()
  await desk.keyboard.press('Enter')
  await desk.locator('.because .phrase').first().waitFor()
  assert.match(await desk.locator('.because').first().innerText(), /держится на словах:.*−\d+\s%/s)
  await desk.keyboard.press('Enter')
  await desk.locator('.because').waitFor({ state: 'detached' })
})

test('a template is chosen with the keyboard and leaves no hole', async () => {
  const reply = desk.locator('#reply')
  await reply.fill('/')
  const list = desk.getByRole('listbox', { name: 'Шаблоны' })
  await list.getByRole('option').first().waitFor()
  await desk.keyboard.press('ArrowDown')
  assert.equal(await list.getByRole('option', { selected: true }).count(), 1)
  await desk.keyboard.press('Enter')
  const fill = desk.getByRole('form', { name: /Заполнить шаблон/ })
  await desk.waitForFunction(() => document.querySelector('.fill input') ?? document.querySelector('#reply')?.value.length > 1)
  for (const field of await fill.locator('input').all()) await field.fill('удон')
  if (await fill.isVisible()) await fill.getByRole('button', { name: /Вставить/ }).click()
  await desk.waitForFunction(() => /[^/\s]/.test(document.querySelector('#reply')?.value ?? ''))
  assert.doesNotMatch(await reply.inputValue(), /[{}]|\?\?/)
})

test('an answer is sent with Ctrl+Enter and reaches the customer', async () => {
  await desk.locator('#reply').fill(`Уже везём, ${mark}`)
  await desk.waitForTimeout(800) // the customer's words must have stood before the operator's eyes
  await desk.keyboard.press('Control+Enter')
  await bubble(desk, `Уже везём, ${mark}`).waitFor()
  await shop.locator('.turn:not(.mine)', { hasText: `Уже везём, ${mark}` }).waitFor()
  assert.equal(await desk.locator('#reply').inputValue(), '')
})

test('each sees that the other is typing', async () => {
  await shop.getByLabel('Сообщение').pressSequentially('ага')
  await desk.locator('.typing', { hasText: 'печатает' }).waitFor()
  await desk.locator('#reply').pressSequentially('минуту')
  await shop.getByText('Оператор печатает…').waitFor()
})

test('a reply is held back when the customer wrote what the operator has not seen', async () => {
  await desk.locator('#reply').fill(`Привезём к 19:10, ${mark}`)
  const held = desk.waitForResponse((answer) => answer.status() === 409)
  await write(shop, `уже не надо ${mark}`)
  await bubble(desk, `уже не надо ${mark}`).waitFor()
  await desk.keyboard.press('Control+Enter')
  await held
  const dialog = desk.getByRole('dialog', { name: /новые сообщения/ })
  await dialog.getByText(`уже не надо ${mark}`).waitFor()
  await dialog.getByRole('button', { name: 'Исправить ответ' }).click()
  assert.equal(await desk.locator('#reply').inputValue(), `Привезём к 19:10, ${mark}`)
})

test('a draft survives a reload', async () => {
  await desk.locator('#reply').fill(`черновик ${mark}`)
  await desk.getByText('Черновик сохранён').waitFor()
  await desk.reload()
  await desk.waitForFunction((text) => document.querySelector('#reply')?.value === text, `черновик ${mark}`)
  await desk.locator('#reply').fill('')
})

test('an insight is corrected with Alt+E', async () => {
  await desk.locator('.insight .score').first().waitFor()
  await desk.keyboard.press('Alt+e')
  await desk.getByRole('menuitemradio', { name: 'Где заказ' }).click()
  await desk.locator('.insight .field-in').first().getByText('Исправлено человеком').waitFor({ state: 'attached' })
  assert.match(await desk.locator('.insight .field-in').first().innerText(), /Где заказ/)
})

test('panes and talks are walked with the keyboard alone', async () => {
  const pane = () => desk.evaluate(() => document.activeElement?.closest('[data-pane]')?.dataset.pane)
  await desk.locator('.status').click()
  const walked = []
  for (let n = 0; n < 3; n += 1) {
    await desk.keyboard.press('F6')
    await desk.waitForFunction((before) => document.activeElement?.closest('[data-pane]')?.dataset.pane !== before, walked.at(-1))
    walked.push(await pane())
  }
  assert.deepEqual([...walked].sort(), ['person', 'queue', 'talk'])
  await desk.keyboard.press('j')
  await desk.keyboard.press('k')
  await desk.locator('.talk .head').waitFor()
  await take(desk, mark)
})

test('a customer is found with Ctrl+K', async () => {
  await desk.keyboard.press('Control+k')
  await desk.keyboard.type('а')
  await desk.keyboard.type('а'.repeat(30))
  await desk.getByText('Никого не нашлось.').waitFor()
  await desk.keyboard.press('Escape')
  assert.equal(await desk.getByLabel(/^Поиск/).inputValue(), '')
})

test('a note stays inside', async () => {
  await desk.getByRole('button', { name: 'Внутренняя заметка' }).click()
  await desk.locator('#reply').fill(`спросила кухню ${mark}`)
  await desk.keyboard.press('Control+Enter')
  await bubble(desk, `спросила кухню ${mark}`).waitFor()
  await desk.getByRole('button', { name: 'Внутренняя заметка' }).click()
  assert.equal(await shop.getByText(`спросила кухню ${mark}`).count(), 0)
})

test('what a customer writes is never markup', async () => {
  const evil = `<img src=x onerror="document.title='broken'"><b>${mark}</b>`
  await write(shop, evil)
  await bubble(desk, evil).waitFor()
  assert.equal(await desk.locator('.talk .bubble img, .talk .bubble b').count(), 0)
  assert.notEqual(await desk.title(), 'broken')
  assert.notEqual(await shop.title(), 'broken')
})

test('the talk is held with Alt+H and resumed', async () => {
  await desk.keyboard.press('Alt+h')
  await desk.locator('.talk .head', { hasText: 'На удержании' }).waitFor()
  await desk.keyboard.press('Alt+h')
  await desk.locator('.talk .head', { hasText: 'На удержании' }).waitFor({ state: 'detached' })
})

test('the talk is transferred to the queue with a note and taken again', async () => {
  await desk.keyboard.press('Alt+t')
  const dialog = desk.getByRole('dialog', { name: 'Передать разговор' })
  await dialog.getByLabel(/Заметка для коллеги/).fill(`ждёт ответа кухни ${mark}`)
  await dialog.getByRole('button', { name: 'Передать' }).click()
  await desk.getByRole('button', { name: 'Взять разговор' }).click()
  await desk.locator('#reply').waitFor()
})

test('the talk is finished, wrapped up and closed', async () => {
  await desk.getByRole('button', { name: 'Завершить' }).click()
  await desk.locator('.wrap').getByText('Решено', { exact: true }).click()
  assert.ok(await desk.getByRole('radio', { name: 'Решено', exact: true }).isChecked())
  await desk.getByRole('button', { name: 'Закрыть разговор' }).click()
  await desk.getByText(/Разговор закрыт\. Новое/).waitFor()
})

test('nothing went wrong in the page on the way', () => {
  assert.deepEqual(desk.troubles, [])
  assert.deepEqual(shop.troubles, [])
})

test('a customer who writes again is heard', async () => {
  const again = await customer(chrome, `ещё вопрос ${mark}`)
  await desk.locator('.queue a', { hasText: `ещё вопрос ${mark}` }).waitFor()
  assert.deepEqual(again.troubles, [])
})
