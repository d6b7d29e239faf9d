import type { OrderSummary } from '@/client'

/** `Филадельфия, мисо, морс ×2` */
export function linesOf(order: OrderSummary): string {
  return order.lines.map(({ name, quantity }) => (quantity > 1 ? `${name} ×${quantity}` : name)).join(', ')
}
