// One self-contained script: it runs with plain `node`, from a clone as well as from a package.
import { chmod } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const inside = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Makes the command as one file. */
export const buildWorker = async (file) => {
  await build({
    input: inside('src/main.ts'),
    platform: 'node',
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
    output: { file, format: 'esm', codeSplitting: false },
    logLevel: 'warn',
  });
  await chmod(file, 0o755);
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildWorker(inside('dist/polyrelay-worker.mjs'));
