const FIRST_WAIT = 500
const LONGEST_WAIT = 30_000

/** Milliseconds before the next try: doubles each time, half of it random so that a thousand pages do not return at once. */
export function backOff(failures: number, random: number): number {
  const full = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures, 10))
  return Math.round(full / 2 + (full / 2) * random)
}
