import { ref } from 'vue'

/** The server's time in milliseconds, once a second: every timer on the page reads this one clock. */
export const now = ref(Date.now())

let ahead = 0

/** Learns how far this machine's clock is off. */
export function setServerTime(time: string): void {
  const parsed = Date.parse(time)
  if (!Number.isFinite(parsed)) return
  ahead = parsed - Date.now()
  now.value = parsed
}

export function startClock(): () => void {
  const timer = setInterval(() => (now.value = Date.now() + ahead), 1000)
  return () => clearInterval(timer)
}

export const serverNow = (): number => Date.now() + ahead
