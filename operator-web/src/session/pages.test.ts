import { describe, expect, it } from 'vitest'
import { usePages } from './pages'

interface Page {
  items: string[]
  next?: string
}

function listed() {
  const cursors: (string | undefined)[] = []
  const answers: ((page: Page) => void)[] = []
  const pages = usePages<string>((cursor) => {
    cursors.push(cursor)
    return new Promise<Page>((answer) => answers.push(answer))
  })
  const answered = async (call: number, page: Page): Promise<void> => {
    answers[call]!(page)
    await new Promise((done) => setTimeout(done))
  }
  return { cursors, pages, answered }
}

describe('a list of pages', () => {
  it('takes a page once, however often it is asked for', async () => {
    const { cursors, pages, answered } = listed()
    await answered(0, { items: ['a'], next: 'one' })
    void pages.more()
    void pages.more()
    await answered(1, { items: ['b'] })
    await answered(2, { items: ['b'] })
    expect([cursors, pages.items.value, pages.hasMore.value]).toEqual([[undefined, 'one', 'one'], ['a', 'b'], false])
  })

  it('is never read on with the cursor of another', async () => {
    const { cursors, pages, answered } = listed()
    await answered(0, { items: ['a'], next: 'one' })
    void pages.begin()
    await pages.more()
    expect([pages.items.value, pages.hasMore.value]).toEqual([[], false])
    await answered(1, { items: ['b'] })
    expect([cursors, pages.items.value, pages.state.value]).toEqual([[undefined, undefined], ['b'], 'whole'])
  })
})
