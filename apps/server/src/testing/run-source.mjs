// Runs a TypeScript file of the service as it is, without a build: `node run-source.mjs <file> [argument…]`.
import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const vite = await createViteServer({
  root,
  configFile: `${root}vitest.config.ts`,
  appType: 'custom',
  logLevel: 'error',
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, ws: false, hmr: false, watch: null },
});
// It reads its arguments as if it had been started by itself.
const [file] = process.argv.splice(2, 1);
await vite.ssrLoadModule(file);
