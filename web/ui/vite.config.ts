import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

declare const process: { env: Record<string, string | undefined> };

// `npm run dev` serves the interface from source and passes the API on to a running console.
const backend = process.env['WANGLOU_BACKEND'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: '../static',
    emptyOutDir: true,
    assetsInlineLimit: 0, // every asset is a file of its own, so the page needs no data: allowances
    chunkSizeWarningLimit: 1300, // the map library is one chunk
    target: 'es2022',
  },
  server: { proxy: { '/api': { target: backend, ws: true } } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
