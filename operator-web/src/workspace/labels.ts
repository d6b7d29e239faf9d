import { Frown, Globe, Meh, Phone, Repeat2, Send, Smartphone, Smile } from '@lucide/vue'
import type { Component } from 'vue'
import type { Channel, Outcome, Sentiment, Topic, Urgency } from '@/client'

/** Icons by meaning; the words for the same values are in the locales under the same names. */
export const CHANNEL_ICON: Record<Channel, Component> = { telegram: Send, site: Globe, app: Smartphone, call: Phone, replay: Repeat2 }
export const SENTIMENT_ICON: Record<Sentiment, Component> = { negative: Frown, neutral: Meh, positive: Smile }

export const CHANNELS: Channel[] = ['telegram', 'site', 'app', 'call', 'replay']
export const URGENCIES: Urgency[] = ['critical', 'high', 'normal']
export const SENTIMENTS: Sentiment[] = ['negative', 'neutral', 'positive']
export const OUTCOMES: Outcome[] = ['resolved', 'promised', 'informed', 'escalated', 'unresolved', 'none']
export const TOPICS: Topic[] = [
  'complaint.late_delivery', 'complaint.not_delivered', 'complaint.missing_item', 'complaint.wrong_item', 'complaint.food_quality',
  'complaint.food_safety', 'complaint.packaging', 'complaint.courier', 'complaint.staff', 'complaint.payment', 'complaint.promo_bonus',
  'complaint.app', 'order.new', 'order.repeat', 'order.change_items', 'order.change_delivery', 'order.cancel', 'order.status',
  'order.table_booking', 'consultation.menu', 'consultation.allergens', 'consultation.delivery_terms', 'consultation.payment_methods',
  'consultation.promotions', 'consultation.loyalty', 'consultation.hours_location', 'consultation.account', 'consultation.cooperation',
  'praise.food_service', 'other.greeting', 'other.irrelevant',
]

/** Under this score a reading is shown as unsure: dashed, with a question mark. */
export const SURE = 0.7
