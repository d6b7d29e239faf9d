import type { Phrase } from '@/client'

/** A phrase that takes less than this from the score decided nothing. */
const ENOUGH = 0.05
const MOST = 3

/** The phrases without which the topic's score falls most, most first. */
export function decisive(phrases: readonly Phrase[]): Phrase[] {
  return phrases.filter((phrase) => phrase.topic >= ENOUGH).sort((a, b) => b.topic - a.topic).slice(0, MOST)
}
