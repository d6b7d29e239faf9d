import { useQuery } from '@pinia/colada'
import { trendsListPlaces } from '@/client'
import { ask } from '@/session/requests'

/** The cities and kitchens that trends can be narrowed to; asked once, whoever needs them. */
export const usePlaces = () => useQuery({ key: ['trend-places'], query: () => ask(trendsListPlaces()), staleTime: 300_000 })
