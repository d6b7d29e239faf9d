import type { ContactSummary, Template } from '@/client'

/** Templates whose shortcut, title or text holds the words; the customer's language, the contact's topic and a fitting shortcut come first. */
export function fitting(templates: Template[], words: string, contact: Pick<ContactSummary, 'language' | 'topic'>): Template[] {
  const wanted = fold(words)
  return templates
    .map((template) => ({ template, rank: rank(template, wanted, contact) }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => b.rank - a.rank || a.template.shortcut.localeCompare(b.template.shortcut))
    .map(({ template }) => template)
}

function rank(template: Template, wanted: string, { language, topic }: Pick<ContactSummary, 'language' | 'topic'>): number {
  const shortcut = fold(template.shortcut)
  let score = 0
  if (wanted) {
    if (shortcut.startsWith(wanted)) score += 8
    else if (shortcut.includes(wanted) || fold(template.title).includes(wanted)) score += 4
    else if (!fold(template.body).includes(wanted)) return -1
  }
  if (language && template.language === language) score += 2
  if (topic && template.topics.includes(topic.value)) score += 1
  return score
}

const fold = (text: string): string => text.trim().toLocaleLowerCase().replaceAll('ё', 'е')
