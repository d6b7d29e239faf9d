import { describe, expect, it } from 'vitest'
import { useContacts } from './contacts'
import type { ContactSource, ShownContact } from './figures'

type Page = Awaited<ReturnType<ContactSource>>
const page = (contact_id: string, next?: string): Page => ({ items: [{ contact_id } as ShownContact], next })

describe('contacts behind a figure', () => {
  it('are never read on with the cursor of another figure', async () => {
    const cursors: (string | undefined)[] = []
    const answers: ((page: Page) => void)[] = []
    const contacts = useContacts((cursor) => {
      cursors.push(cursor)
      return new Promise((answer) => answers.push(answer))
    })
    answers[0]!(page('a', 'one'))
    await Promise.resolve()
    const anew = contacts.reload()
    expect(contacts.hasMore.value).toBe(false)
    await contacts.more()
    answers[1]!(page('b'))
    await anew
    expect([cursors, contacts.items.value.map(({ contact_id }) => contact_id), contacts.state.value]).toEqual([[undefined, undefined], ['b'], 'whole'])
  })
})
