import { PiniaColada } from '@pinia/colada'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import './design/page.css'
import { i18n } from './locales'
import { router } from './routes'

createApp(App).use(createPinia()).use(PiniaColada).use(i18n).use(router).mount('#app')
