import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const server = process.env.OKNO_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: { __VUE_I18N_LEGACY_API__: false, __INTLIFY_PROD_DEVTOOLS__: false, __VUE_OPTIONS_API__: false },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the content policy allows fonts and images from this server only
    sourcemap: false,
  },
  server: {
    proxy: {
      '/api': { target: server, ws: true },
      '/channels': { target: server, ws: true },
    },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts', 'widget/**/*.test.ts'] },
})
