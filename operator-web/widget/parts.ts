/** The few ways in which the window makes its elements; text goes in as text. */
export function el<K extends keyof HTMLElementTagNameMap>(tag: K, className = ''): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag)
  if (className) node.className = className
  return node
}

export function foot(text: string, bad = false): HTMLElement {
  const node = el('span', bad ? 'foot bad' : 'foot')
  node.textContent = text
  return node
}

export function button(className: string, path: string): HTMLButtonElement {
  const node = el('button', className)
  node.type = 'button'
  const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  icon.setAttribute('viewBox', '0 0 24 24')
  icon.setAttribute('aria-hidden', 'true')
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  line.setAttribute('d', path)
  icon.append(line)
  node.append(icon)
  return node
}

export function name(node: HTMLElement, text: string): void {
  node.setAttribute('aria-label', text)
  node.title = text
}
