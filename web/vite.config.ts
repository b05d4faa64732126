import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `npm run dev` shows changes at once; what it has not, a running platform answers.
const platform = process.env.IOTPLATFORM_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: process.env.IOT_WEB_OUT ?? 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // What is written into the page instead of a file of its own would break the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What is this small is not worth a request of its own.
    rollupOptions: { output: { experimentalMinChunkSize: 20_000 } },
  },
  server: { proxy: { '/api': platform, '/metrics': platform, '/readyz': platform } },
  test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}'] },
});
