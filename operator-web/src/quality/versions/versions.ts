import { listSummaryVersions, type SummaryVersion } from '@/client'
import { ask } from '@/session/requests'

const PAGE = 100

/** What a version is laid over: the one before it, or what the model wrote last before it. */
export type Against = 'before' | 'model'

/** All versions of a contact's summary, newest first. */
export async function allVersions(id: string): Promise<SummaryVersion[]> {
  const all: SummaryVersion[] = []
  let cursor: string | undefined
  do {
    const page = await ask(listSummaryVersions({ path: { id }, query: { limit: PAGE, cursor } }))
    all.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor)
  return all
}

/**
 * The version that `chosen` is laid over; none: nothing came before it.
 * @param versions newest first
 */
export function baseOf(versions: readonly SummaryVersion[], chosen: SummaryVersion, against: Against): SummaryVersion | null {
  const older = versions.filter(({ version }) => version < chosen.version)
  return (against === 'model' ? older.find(({ by }) => !by) : older[0]) ?? null
}
