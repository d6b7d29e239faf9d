import { beforeEach, describe, expect, it } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import type { SummaryView } from '@/client'
import { useEdit } from './edit'
import { readEdit } from './editing'

const view = (version: number, text: string) => ({ version, account: { summary: { text, issue: '', request: '', actions: [], promises: [], outcome: 'none' } } }) as unknown as SummaryView

beforeEach(() => localStorage.clear())

function editing(contactId = 'c1') {
  const current = ref<SummaryView | null | undefined>(view(1, 'модель'))
  const edit = effectScope().run(() => useEdit(contactId, current))!
  return { current, ...edit }
}

describe('a newer version while somebody edits', () => {
  it('stands beside what is typed, which stays', async () => {
    const { current, edit, newer, ready, typed, start, rebase } = editing()
    start()
    edit.value!.fields.text = 'моё'
    expect([newer.value, ready.value]).toEqual([null, true])
    current.value = view(2, 'чужое')
    expect([newer.value?.version, ready.value]).toEqual([2, false])
    expect(typed.value?.text).toBe('моё')
    rebase()
    expect([edit.value?.version, newer.value, ready.value, typed.value?.text]).toEqual([2, null, true, 'моё'])
    await nextTick()
    expect(readEdit('c1')).toMatchObject({ version: 2, fields: { text: 'моё' } })
  })

  it('can be taken instead', () => {
    const { current, edit, newer, start } = editing()
    start()
    edit.value!.fields.text = 'моё'
    current.value = view(2, 'чужое')
    start()
    expect([edit.value?.fields.text, newer.value]).toEqual(['чужое', null])
  })

  it('finds the edit again when its talk is opened again', async () => {
    const first = editing()
    first.start()
    first.edit.value!.fields.text = 'моё'
    await nextTick()
    expect(editing().typed.value?.text).toBe('моё')
    expect(editing('c2').edit.value).toBeNull()
    first.end()
    await nextTick()
    expect(editing().edit.value).toBeNull()
  })
})
