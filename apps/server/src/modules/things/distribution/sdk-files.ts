import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '#core/errors.js';
import { THING_PYTHON_FOLDER, THING_SDK_FILE } from '#core/paths.js';
import type { ZipFile } from './zip.js';

const PACKAGE = 'flashlexiot';

let kept: Promise<ZipFile[]> | undefined;

/** The software in every distribution; read once. @throws unavailable `sdkMissing` */
export function sdkFiles(): Promise<ZipFile[]> {
  kept ??= readAll().catch((error: unknown) => {
    kept = undefined;
    throw error;
  });
  return kept;
}

async function readAll(): Promise<ZipFile[]> {
  try {
    const node: ZipFile = {
      name: 'thing.mjs',
      content: await readFile(THING_SDK_FILE),
      mode: 0o755,
      about: 'The SDK for Node.js 18 or newer: node thing.mjs bootstrap',
    };
    return [node, ...(await readPython())];
  } catch (error) {
    const message = `The SDKs of things are not where the service looks for them (${THING_SDK_FILE}, ${THING_PYTHON_FOLDER}): build them with npm run build.`;
    throw new DomainError('unavailable', 'sdkMissing', message, { cause: error });
  }
}

async function readPython(): Promise<ZipFile[]> {
  const entries = await readdir(THING_PYTHON_FOLDER, { recursive: true });
  const names = entries.filter((name) => name.endsWith('.py')).sort();
  return Promise.all(
    names.map(async (name) => ({
      name: `${PACKAGE}/${name.replaceAll('\\', '/')}`,
      content: await readFile(join(THING_PYTHON_FOLDER, name)),
      mode: 0o644,
      about:
        name === '__main__.py'
          ? 'The SDK for Python 3.9 or newer: python3 -m flashlexiot bootstrap'
          : 'Part of the SDK for Python',
    })),
  );
}
