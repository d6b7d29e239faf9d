import { PiniaColada, useQueryCache } from '@pinia/colada'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import { createApp } from 'vue'
import { useSession } from './session'

vi.mock('@/client', () => ({ signIn: () => Promise.resolve({ data: { operator: { id: 'next' } }, response: { ok: true, status: 200 } }) }))
vi.mock('@/client/client.gen', () => ({ client: { setConfig: () => {} } }))

it('whoever signs in finds no answer of whoever sat here before', async () => {
  const pinia = createPinia()
  createApp({}).use(pinia).use(PiniaColada)
  setActivePinia(pinia)
  const answers = useQueryCache()
  answers.setQueryData(['quality'], 'seen by the one before')
  await useSession().signIn('next', 'secret')
  expect([useSession().operatorId, answers.getQueryData(['quality'])]).toEqual(['next', undefined])
})
