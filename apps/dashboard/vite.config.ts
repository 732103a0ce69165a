import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';

/** Where `pnpm dev` sends what the service answers: set `POLYRELAY_URL` to a running one. */
const service = process.env.POLYRELAY_URL ?? 'http://127.0.0.1:8080';
const served = ['/api', '/metrics'];

/** Writes each text file once more compressed: the service sends those, and compresses nothing itself. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  enforce: 'post',
  // Only what is on disk is final: imports get their preload lists after `generateBundle`.
  writeBundle({ dir = 'dist' }, bundle) {
    for (const name of Object.keys(bundle)) {
      const content = readFileSync(join(dir, name));
      if (!/\.(?:js|css|html|svg)$/.test(name) || content.length < 1000) continue;
      writeFileSync(join(dir, `${name}.br`), brotliCompressSync(content));
      writeFileSync(join(dir, `${name}.gz`), gzipSync(content));
    }
  },
};

export default defineConfig({
  plugins: [react(), tailwindcss(), compressed],
  // The workspace's packages are taken from their sources, so that nothing has to be built before.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    // `light-dark()` and `oklch()` stay as written: these browsers know them.
    cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
    // A content security policy without inline scripts leaves no room for the preload polyfill.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // What every page needs comes in two files, not in thirty; the rest is split by page.
        codeSplitting: {
          groups: [
            {
              name: 'vendor',
              test: /node_modules[\\/](?:react|react-dom|scheduler|use-sync-external-store|@tanstack[\\/](?!react-virtual|virtual-core)[^\\/]+)[\\/]/,
            },
            {
              name: 'base',
              test: /dashboard[\\/]src[\\/](?:strings|lib[\\/](?!form|upload|clipboard)|ui[\\/](?:cx|button|states|page|time|badge|field|input|logo|plain-page|tips)\.)/,
            },
            { name: 'zod', test: /node_modules[\\/]zod[\\/]|packages[\\/]contract[\\/]/ },
          ],
        },
      },
    },
  },
  server: { proxy: Object.fromEntries(served.map((path) => [path, { target: service }])) },
});
