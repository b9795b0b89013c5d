// SPDX-License-Identifier: MIT
// How the web application is built, and served while it is being written.
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vitest/config';
import { icons } from './build/icons';
import { licences } from './build/licences';
import { serviceWorker } from './build/worker';

// `npm run dev` serves the sources and hands everything else to the recordd at this address.
const server = process.env.RECORDD_URL ?? 'https://localhost:8443';
const proxied = { target: server, secure: false, changeOrigin: true };

export default defineConfig({
  plugins: [tailwindcss(), icons('public/icon.svg'), licences(), serviceWorker('app/offline/sw.ts')],
  worker: { format: 'es' },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: {
    outDir: process.env.RECORDD_WEB_OUT ?? '../../build/web',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 300,
  },
  server: { proxy: { '/api': proxied, '/covers': proxied, '/ca.crt': proxied, '/whoami': proxied, '/readyz': proxied } },
  test: { include: ['app/**/*.test.ts', 'app/**/*.test.tsx'], environment: 'node' },
});
