import type { ErrorBody } from '@/client'
import { client } from '@/client/client.gen'

client.setConfig({ baseUrl: '', credentials: 'same-origin' })

/** The server answered, and the answer is no. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
  ) {
    super(body.message)
  }

  get code(): ErrorBody['code'] {
    return this.body.code
  }

  /** Whether the server may have done the work all the same (a failure midway). */
  get uncertain(): boolean {
    return this.status >= 500 && this.status !== 503
  }
}

/** No answer came: whether the server did the work is not known. */
export class NoAnswer extends Error {
  constructor() {
    super('no answer')
  }
}

interface Answer<T> {
  data?: T
  error?: unknown
  response?: Response
}

type Ended = () => void
let onEnded: Ended = () => {}

/** What to do when any request learns that the session is over. */
export function whenSessionEnds(act: Ended): void {
  onEnded = act
}

/** The value of a call of the generated client, or {@link Refused}, or {@link NoAnswer}. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>
  try {
    answer = await call
  } catch {
    throw new NoAnswer()
  }
  const { data, error, response } = answer
  if (!response) throw new NoAnswer()
  if (response.ok) return data as T
  if (response.status === 401) onEnded()
  throw new Refused(response.status, bodyOf(error, response.status))
}

function bodyOf(error: unknown, status: number): ErrorBody {
  if (typeof error === 'object' && error !== null && 'code' in error) return error as ErrorBody
  return { code: status >= 500 ? 'unavailable' : 'bad_request', message: '', request_id: '' }
}

/** 32 hexadecimal digits; `randomUUID` is missing on plain-HTTP addresses. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The header that makes a write happen at most once. */
export function once(key: string = newKey()): { headers: { 'Idempotency-Key': string } } {
  return { headers: { 'Idempotency-Key': key } }
}
