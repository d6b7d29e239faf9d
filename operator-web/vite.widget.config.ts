import { defineConfig } from 'vite'

// The chat window that shops embed: one script that brings no framework. It lands beside the page in dist/.
export default defineConfig({
  publicDir: 'widget/public',
  build: {
    target: 'es2020',
    emptyOutDir: false,
    lib: { entry: 'widget/widget.ts', name: 'okno', formats: ['iife'], fileName: () => 'widget.js' },
  },
})
