// Runs a TypeScript file of the service as it is, without a build: `node run-source.mjs <folder> <file> [argument…]`.
// The first start puts all its sources into one file in the folder; the next ones load that.
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

async function makeBundle(file, bundle) {
  const { build } = await import('rolldown');
  // Another process may make it as well.
  const unfinished = `${bundle}.${process.pid}`;
  await build({
    input: file,
    platform: 'node',
    logLevel: 'silent',
    resolve: { conditionNames: ['source', 'node', 'import', 'default'] },
    plugins: [PACKAGES_OUTSIDE, OWN_ADDRESSES],
    output: { file: unfinished, format: 'esm', codeSplitting: false },
  });
  await rename(unfinished, bundle);
}

/** Packages from the registry are loaded from where they are. */
const PACKAGES_OUTSIDE = {
  name: 'packages-outside',
  async resolveId(id, importer) {
    if (importer === undefined || /^([./#]|@polyrelay\/|node:)/.test(id)) return null;
    const found = await this.resolve(id, importer, { skipSelf: true });
    return found?.id.startsWith('/') ? { id: pathToFileURL(found.id).href, external: true } : null;
  },
};

/** Each source finds the files beside it as if it was alone. */
const OWN_ADDRESSES = {
  name: 'own-addresses',
  transform: (code, id) => code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
};

// It reads its arguments as if it had been started by itself.
const [folder, file] = process.argv.splice(2, 2);
const bundle = join(folder, `${basename(file)}.mjs`);
if (!existsSync(bundle)) await makeBundle(file, bundle);
await import(pathToFileURL(bundle).href);
