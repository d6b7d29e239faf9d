/** The one after (or before) another in a list; from nowhere the first (or the last); none past its ends. */
export function beside<T extends { id: string }>(list: readonly T[], id: string | null, by: 1 | -1): T | null {
  const at = list.findIndex((one) => one.id === id)
  if (at < 0) return list.at(by > 0 ? 0 : -1) ?? null
  return list[at + by] ?? null
}
