import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from './en.json'
import { russianForm } from './index'
import kk from './kk.json'
import ru from './ru.json'
import uz from './uz.json'

type Tree = { [key: string]: string | Tree }

function flat(tree: Tree, before = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) => (typeof value === 'string' ? [[before + key, value]] : flat(value, `${before}${key}.`)) as [string, string][])
}

const words = { ru: flat(ru), kk: flat(kk), uz: flat(uz), en: flat(en) }
const russian = new Map(words.ru)
const holes = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort()

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'client' ? [] : sources(path)
    return /\.(vue|ts)$/.test(entry.name) && !entry.name.endsWith('.test.ts') ? [path] : []
  })
}

describe('the words of the page', () => {
  it.each(['kk', 'uz', 'en'] as const)('say everything in %s, with the same holes', (language) => {
    expect(words[language].map(([key]) => key)).toEqual(words.ru.map(([key]) => key))
    for (const [key, text] of words[language]) {
      expect(text.trim(), key).not.toBe('')
      expect(holes(text), key).toEqual(holes(russian.get(key)!))
    }
  })

  it('write Uzbek with its own apostrophes', () => {
    for (const [key, text] of words.uz) expect(text, key).not.toMatch(/[ogOG]['’`‘]/u)
  })

  it('know every key that the code names', () => {
    const named = sources('src').flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/\bt\([^`'()]*'([a-z_]+(?:\.[a-z_]+)+)'/g)].map(([, key]) => key!))
    expect(named.length).toBeGreaterThan(100)
    expect(named.filter((key) => !russian.has(key))).toEqual([])
  })
})

describe('Russian plurals', () => {
  it('have three forms', () => {
    expect([1, 2, 5, 11, 12, 21, 22, 25, 111].map((n) => russianForm(n, 3))).toEqual([0, 1, 2, 2, 2, 0, 1, 2, 2])
  })
  it('may have a form for none, written first', () => {
    expect([0, 1, 3, 7].map((n) => russianForm(n, 4))).toEqual([0, 1, 2, 3])
  })
})
