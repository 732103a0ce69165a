import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import yazl from 'yazl';
import { appliedChecksums } from '#core/database/migrate.js';
import { codeOf } from '#core/errors.js';
import type { Keyring } from '#core/secrets/keyring.js';
import { VERSION } from '#core/version.js';
import type { Config } from '../../../config.js';
import { readFiles } from './files.js';
import { FORMAT, filePart, MANIFEST_PART, type Manifest, PROBE, tablePart } from './manifest.js';
import { Measure, writeOutput } from './output.js';
import { beginSnapshot, copyOut, readSequences, readTables, type Table } from './tables.js';

/** Most of what can be saved, at a third of the time of the default. */
const COMPRESSION = 3;

/** What a backup is made of, and where it goes. */
export interface WriteOptions {
  /** A connection of its own; it is in no transaction before and after. */
  client: ClientBase;
  config: Config;
  keyring: Keyring;
  createdAt: Date;
  path: string;
  /** In the same folder: its name until it is whole. */
  partPath: string;
  signal: AbortSignal;
  /** Told what is being written, and how many bytes the file has by now. */
  onProgress(step: string, bytes: number): void;
}

/**
 * Writes one backup file while the service runs: all tables as one snapshot has them, and what belongs to them from
 * the data folder. It needs little memory however much there is.
 * @returns how many bytes it has
 */
export async function writeBackup(options: WriteOptions): Promise<number> {
  const { client, signal } = options;
  await beginSnapshot(client);
  const zip = new yazl.ZipFile();
  // What fails on either side ends the other one, too.
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const output = await writeOutput(
    zip.outputStream,
    { ...options, passphrase: options.config.backups.passphrase },
    either,
  );
  output.done.catch((error: unknown) => failed.abort(error));
  zip.on('error', (error) => failed.abort(error));
  const parts = new Parts(zip, options.createdAt, either, (step) => options.onProgress(step, output.bytes()));
  try {
    await writeParts(parts, options);
    await client.query('COMMIT');
    zip.end();
    await output.done;
    return output.bytes();
  } catch (error) {
    failed.abort(error);
    await output.done.catch(() => undefined);
    throw signal.aborted ? signal.reason : (failed.signal.reason ?? error);
  }
}

async function writeParts(parts: Parts, { client, config, keyring, createdAt }: WriteOptions): Promise<void> {
  const keyFrom = config.secretKeys.length > 0 ? 'environment' : 'backup';
  const migrations = await appliedChecksums(client);
  const tables = await readTables(client);
  // The files first: what the snapshot knows of is deleted soon, if at all.
  const files = await parts.files(config.dataDir, await readFiles(config.dataDir, keyFrom === 'backup'));
  const manifest: Manifest = {
    format: FORMAT,
    version: VERSION,
    createdAt: createdAt.toISOString(),
    key: { from: keyFrom, probe: Buffer.from(keyring.seal(PROBE.text, PROBE.place)).toString('base64') },
    settings: settingsOf(config),
    migrations: [...migrations].map(([name, checksum]) => ({ name, checksum })),
    tables: await parts.tables(client, tables),
    sequences: await readSequences(client),
    files,
  };
  parts.manifest(manifest);
}

/** Settings that workers, providers and browsers rely on. */
export const settingsOf = (config: Config): Manifest['settings'] => ({
  PUBLIC_URL: config.publicUrl?.href ?? null,
  MQTT_HOST: config.mqtt.host ?? null,
  MQTT_PORT: String(config.mqtt.port),
  STAGE: config.stage,
});

/** Puts one part after the other into a zip. */
class Parts {
  readonly #zip: yazl.ZipFile;
  readonly #mtime: Date;
  readonly #signal: AbortSignal;
  readonly #onStep: (step: string) => void;

  constructor(zip: yazl.ZipFile, mtime: Date, signal: AbortSignal, onStep: (step: string) => void) {
    this.#zip = zip;
    this.#mtime = mtime;
    this.#signal = signal;
    this.#onStep = onStep;
  }

  async files(dataDir: string, paths: string[]): Promise<Manifest['files']> {
    const done: Manifest['files'] = [];
    for (const path of paths) {
      try {
        // Zips do not get smaller.
        const compress = !path.endsWith('.zip');
        const content = await this.#add(
          filePart(path),
          () => createReadStream(join(dataDir, path)),
          path,
          compress,
        );
        done.push({ path, ...content });
      } catch (error) {
        // Its node server was deleted in the meantime.
        if (codeOf(error) !== 'ENOENT') throw error;
      }
    }
    return done;
  }

  async tables(client: ClientBase, tables: Table[]): Promise<Manifest['tables']> {
    const done: Manifest['tables'] = [];
    for (const table of tables) {
      let copy: ReturnType<typeof copyOut> | undefined;
      const open = (): Readable => {
        copy = copyOut(client, table);
        return copy;
      };
      const content = await this.#add(tablePart(table.name), open, table.name, true);
      done.push({ ...table, ...content, rows: copy?.rowCount ?? 0 });
    }
    return done;
  }

  manifest(manifest: Manifest): void {
    this.#zip.addBuffer(Buffer.from(JSON.stringify(manifest)), MANIFEST_PART, { mtime: this.#mtime });
  }

  async #add(
    part: string,
    open: () => Readable,
    step: string,
    compress: boolean,
  ): Promise<{ bytes: number; sha256: string }> {
    this.#signal.throwIfAborted();
    this.#onStep(step);
    const measure = new Measure();
    const ticking = setInterval(() => this.#onStep(step), PROGRESS_MS);
    try {
      const source = await opened(open());
      this.#zip.addReadStream(measure, part, {
        mtime: this.#mtime,
        compress,
        ...(compress ? { compressionLevel: COMPRESSION } : {}),
      });
      await pipeline(source, measure, { signal: this.#signal });
      return { bytes: measure.bytes, sha256: measure.digest() };
    } finally {
      clearInterval(ticking);
    }
  }
}

/** How often progress is told within one part. */
const PROGRESS_MS = 1000;

/** Waits until a file is open, so that one that is gone is left out before it is a part. */
function opened(source: Readable): Promise<Readable> {
  if (!('path' in source)) return Promise.resolve(source);
  return new Promise((resolve, reject) => {
    source.once('open', () => resolve(source)).once('error', reject);
  });
}
