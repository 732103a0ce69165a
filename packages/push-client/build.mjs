// One self-contained file: library and command, for computers that have Node.js and nothing else.
import { chmod } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const inside = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Makes the library and command as one file. */
export const buildPushClient = async (file) => {
  await build({
    input: inside('src/main.ts'),
    platform: 'node',
    resolve: { conditionNames: ['source', 'node', 'default'] },
    transform: { target: 'node20' },
    output: { file, format: 'esm', codeSplitting: false, minify: true },
    logLevel: 'warn',
  });
  await chmod(file, 0o755);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPushClient(inside('dist/push-client.mjs'));
