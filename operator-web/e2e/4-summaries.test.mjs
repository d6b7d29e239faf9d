// What a talk came to: shown with the words it rests on, put right by the operator, judged by the quality team.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { browser, bubble, clearDesk, mark, open, picture, regular, rewrite, signIn, take, telegramChat } from './page.mjs'

const summary = () => desk.locator('.talk .summary')
const contactId = () => /\/talk\/([0-9a-f-]+)/.exec(desk.url())[1]
let chrome
let desk
let known

before(async () => {
  chrome = await browser()
  desk = await open(chrome)
  await signIn(desk)
  await clearDesk(desk)
  known = await regular(desk)
})
after(async () => {
  await chrome?.close()
})

/** A talk of somebody whom we know, up to its wrap-up. */
async function talk(says) {
  const id = Date.now() % 1e9
  const write = telegramChat(id, known.name.split(' ')[0])
  await write({ text: `Где мой заказ ${known.order}? Обещали к 19:10` })
  await write({ contact: { phone_number: known.phone, first_name: known.name, user_id: id } })
  await write({ text: says })
  await desk.goto('/')
  await take(desk, says)
}

async function finish() {
  await desk.getByRole('button', { name: 'Завершить' }).click()
  await desk.locator('.wrap').waitFor()
}

async function close() {
  await desk.locator('.wrap').getByText('Решено', { exact: true }).click()
  await desk.getByRole('button', { name: 'Закрыть разговор' }).click()
  await desk.getByText(/Разговор закрыт\. Новое/).waitFor()
}

test('a talk without a summary says so, and has one when asked', async () => {
  await talk(`Верните деньги за доставку, ${mark}`)
  await summary().getByText('Пока нет', { exact: true }).waitFor()
  await desk.keyboard.press('Alt+s')
  await summary().getByText('Сводки пока нет.').waitFor()
  await summary().getByRole('button', { name: 'Собрать сейчас' }).click()
  await summary().getByText('Составлена моделью по просьбе').waitFor()
  assert.equal(await summary().getByRole('button', { name: 'Подтвердить' }).count(), 0)
})

test('what it states leads to the words it rests on, with the keyboard alone', async () => {
  await summary().locator('a.rests').first().focus()
  await desk.keyboard.press('Enter')
  await desk.locator('.talk .row.marked').first().waitFor()
  await summary().locator('a.rests[aria-current]').waitFor()
  assert.ok(await summary().locator('[role="status"]').innerText())
  await desk.keyboard.press('Alt+s')
  await desk.locator('.talk .row.marked').waitFor({ state: 'detached' })
})

test('it opens by itself at the wrap-up, and what newer words it lacks is known', async () => {
  await desk.locator('#reply').fill(`Вернула 199 рублей за доставку, ${mark}`)
  await desk.waitForTimeout(800) // the customer's words must have stood before the operator's eyes
  await desk.keyboard.press('Control+Enter')
  await bubble(desk, 'Вернула').waitFor()
  await finish()
  await summary().getByRole('button', { name: 'Исправить' }).waitFor()
  await summary().getByText('Составлена моделью в конце разговора').waitFor()
  await summary().getByText('ещё не учт').waitFor({ state: 'detached' })
})

test('what is typed survives a newer version, a reload and another talk', async () => {
  await summary().getByRole('button', { name: 'Исправить' }).click()
  await summary().getByLabel('Кратко').fill(`Деньги за доставку вернули, ${mark}`)
  await summary().getByLabel('Сделано').fill('вернула 199 рублей\nизвинилась')
  await rewrite(desk, contactId(), 'Слова другого человека.')
  await summary().getByRole('alert').getByText('Слова другого человека.').waitFor()
  assert.ok(await summary().getByRole('button', { name: 'Сохранить', exact: true }).isDisabled())
  const here = desk.url()
  await desk.goto('/')
  await desk.goto(here)
  await summary().getByRole('alert').waitFor()
  assert.equal(await summary().getByLabel('Кратко').inputValue(), `Деньги за доставку вернули, ${mark}`)
  await picture(desk, 'summary-newer')
  await summary().getByRole('button', { name: 'Оставить мой текст' }).click()
  await summary().getByRole('alert').waitFor({ state: 'detached' })
})

test('Ctrl+Enter saves and confirms', async () => {
  await summary().getByLabel('Кратко').focus()
  await desk.keyboard.press('Control+Enter')
  await summary().getByText(/Подтверждено: /).waitFor()
  await summary().getByText(`Деньги за доставку вернули, ${mark}`).waitFor()
  await summary().getByText('Словами человека: Кратко, Сделано.').waitFor()
  assert.deepEqual(await summary().locator('dd li').allInnerTexts(), ['вернула 199 рублей', 'извинилась'])
  await close()
})

test('the next operator sees it on the card', async () => {
  await talk(`И ещё вопрос, ${mark}`)
  await desk.locator('.person').getByText(`Деньги за доставку вернули, ${mark}`).waitFor()
  await finish()
  await summary().getByRole('button', { name: 'Подтвердить' }).waitFor()
  await desk.keyboard.press('Control+Enter')
  await summary().getByText(/Подтверждено: /).waitFor()
  await close()
})

const rows = () => desk.locator('.quality .item')
const current = () => desk.locator('.quality .item[aria-current]')
const comment = () => desk.locator('.verdict').getByLabel('Пояснение, если нужно')

test('the quality page narrows its list, and the address keeps it', async () => {
  await desk.getByRole('link', { name: 'Качество' }).click()
  await rows().first().waitFor()
  assert.ok((await rows().count()) >= 2)
  await desk.getByRole('button', { name: 'Исправленные' }).click()
  await desk.waitForURL(/edited=1/)
  await desk.reload()
  assert.equal(await desk.getByRole('button', { name: 'Исправленные' }).getAttribute('aria-pressed'), 'true')
  await rows().first().getByText('Исправлен', { exact: false }).waitFor()
  await desk.locator('.filters').getByLabel('Тема').selectOption('order.table_booking')
  await desk.getByText('По этому отбору ничего нет.').waitFor()
  await desk.goto('/quality')
  await rows().nth(1).waitFor()
})

test('summaries are walked with J, K and the arrows; the evidence of what has the focus is marked', async () => {
  await desk.keyboard.press('j')
  await current().waitFor()
  const first = await current().getAttribute('href')
  await desk.locator('.sides').waitFor()
  await desk.keyboard.press('j')
  await desk.waitForURL((url) => !first.startsWith(url.pathname))
  await desk.keyboard.press('k')
  await desk.waitForURL((url) => first.startsWith(url.pathname))
  await comment().fill('Сумма не та')
  await current().focus()
  await desk.keyboard.press('ArrowDown')
  await desk.waitForURL((url) => !first.startsWith(url.pathname))
  await comment().and(desk.locator(':placeholder-shown')).waitFor()
  assert.equal(await comment().inputValue(), '')
  await desk.locator('.sides a.rests').first().focus()
  await desk.locator('.sides li.marked').first().waitFor()
  assert.notEqual(await desk.locator('.verdict input:checked').inputValue(), 'on')
  await current().focus()
  await desk.keyboard.press('ArrowUp')
  await desk.waitForURL((url) => first.startsWith(url.pathname))
  await comment().and(desk.locator(':not(:placeholder-shown)')).waitFor()
  assert.equal(await comment().inputValue(), 'Сумма не та', 'a half-written comment waits where it was left')
})

test('a verdict takes one key, goes on by itself, and can be undone', async () => {
  await desk.goto('/quality?unjudged=1')
  await rows().nth(1).waitFor()
  await desk.keyboard.press('j')
  await desk.locator('.verdict').waitFor()
  const first = new URL(desk.url()).pathname
  await comment().fill(`Нет суммы, ${mark}`)
  await current().focus()
  await desk.keyboard.press('1')
  await desk.waitForURL((url) => url.pathname !== first)
  await desk.locator(`.quality .item[href^="${first}"]`).getByText('Верно').waitFor({ state: 'attached' })
  await desk.keyboard.press('z')
  await desk.waitForURL((url) => url.pathname === first)
  await current().getByText('Без оценки').waitFor({ state: 'attached' })
  await desk.locator('.verdict').waitFor()
  await desk.keyboard.press('2')
  await desk.getByText('Что неверно?').waitFor()
  await desk.keyboard.press('3')
  await desk.getByText('Чего не хватает?').waitFor()
  await desk.keyboard.press('ArrowRight')
  await desk.keyboard.press('Enter')
  await desk.waitForURL((url) => url.pathname !== first)
  const sent = desk.waitForResponse((answer) => answer.url().endsWith('/verdict'))
  await desk.locator('.verdict').waitFor()
  await desk.keyboard.press('1') // the next verdict sends the one held back
  const answer = await sent
  assert.equal(answer.status(), 201)
  const { verdict, field, comment: words } = answer.request().postDataJSON()
  assert.deepEqual([verdict, field, words], ['incomplete', 'text', `Нет суммы, ${mark}`])
  await desk.goto('/quality')
  await desk.locator(`.quality .item[href^="${first}"]`).getByText('Неполно').waitFor({ state: 'attached' })
})

const versions = () => desk.locator('.quality .versions')
const reviewed = () => /\/quality\/([0-9a-f-]+)/.exec(desk.url())[1]

test('what was changed is marked word by word; V opens the versions, the arrows go through them', async () => {
  await desk.goto('/quality?edited=1&confirmed=1')
  await rows().first().waitFor()
  await desk.keyboard.press('j')
  await desk.locator('.words').getByText('Словами человека').waitFor()
  await desk.keyboard.press('v')
  await versions().locator('ins', { hasText: mark }).first().waitFor()
  await versions().locator('del', { hasText: 'Слова другого человека' }).waitFor()
  const newest = await versions().locator('.choice input:checked').inputValue()
  assert.equal(await desk.evaluate(() => document.activeElement?.getAttribute('type')), 'radio')
  await versions().getByText('С текстом модели').click()
  await versions().locator('del', { hasText: 'Слова другого человека' }).waitFor({ state: 'detached' })
  await versions().locator('.changed dt', { hasText: 'Сделано' }).waitFor()
  await versions().locator('.choice input:checked').focus()
  await desk.keyboard.press('ArrowDown')
  await versions().getByText(`Версия ${newest - 1} рядом с версией`).waitFor()
  await versions().locator('ins', { hasText: 'Слова другого человека' }).waitFor()
  await desk.keyboard.press('v')
  await versions().waitFor({ state: 'detached' })
  assert.equal(await desk.evaluate(() => document.activeElement?.classList.contains('turn')), true)
})

test('each figure says how it is counted, and leads to the summaries behind it', async () => {
  await desk.goto('/quality')
  await desk.locator('.figures dd.num').first().waitFor()
  await desk.getByRole('button', { name: /Как посчитано, n = \d/ }).click()
  const figure = desk.getByRole('dialog').locator('li', { hasText: 'Из них исправлено' })
  await figure.getByText(/n = \d/).waitFor()
  await figure.getByText('Подтверждённые сводки, нынешняя версия').waitFor()
  await figure.getByRole('button', { name: /Показать их/ }).click()
  await desk.waitForURL(/edited=1&confirmed=1/)
  assert.equal(await desk.getByRole('button', { name: 'Подтверждённые' }).getAttribute('aria-pressed'), 'true')
  await rows().first().waitFor()
})

test('a verdict on a summary that somebody changed meanwhile is told, and the new one is a key away', async () => {
  await desk.goto('/quality?edited=1')
  await rows().first().waitFor()
  await desk.keyboard.press('j')
  await desk.locator('.verdict').waitFor()
  const contact = reviewed()
  await rewrite(desk, contact, `Суп не привезли, ${mark}.`)
  await desk.keyboard.press('1')
  await desk.getByText('Оценка не сохранилась: пока она ждала').waitFor()
  await desk.getByRole('button', { name: 'Посмотреть новую' }).click()
  await desk.waitForURL((url) => url.pathname.endsWith(contact))
  await desk.locator('.words').getByText(`Суп не привезли, ${mark}.`).waitFor()
  await current().getByText('Без оценки').waitFor({ state: 'attached' })
})

test('N goes on to what nobody judged, and says where there is no more of it', async () => {
  await desk.goto('/quality?verdict=incomplete')
  await rows().first().waitFor()
  await desk.keyboard.press('n')
  await desk.getByText('Дальше в списке всё с оценкой.').waitFor()
  await desk.goto('/quality')
  await rows().first().waitFor()
  await desk.keyboard.press('n')
  await current().getByText('Без оценки').waitFor({ state: 'attached' })
})

test('nothing went wrong in the page on the way', () => {
  assert.deepEqual(desk.troubles, [])
})
