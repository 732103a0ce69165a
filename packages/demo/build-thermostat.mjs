// One self-contained script beside server.json and profile: the folder runs with plain `node`.
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const inside = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Makes the node server's folder. */
export const buildThermostat = async (folder) => {
  await mkdir(folder, { recursive: true });
  await cp(inside('thermostat'), folder, { recursive: true });
  await build({
    input: inside('src/climate/main.ts'),
    platform: 'node',
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
    // `ws` tries two optional native modules and does without.
    external: ['bufferutil', 'utf-8-validate'],
    output: { file: join(folder, 'thermostat.mjs'), format: 'esm', codeSplitting: false },
    logLevel: 'warn',
  });
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildThermostat(inside('dist/thermostat'));
