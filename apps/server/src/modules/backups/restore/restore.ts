import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import type { Logger } from 'pino';
import {
  beginStaging,
  commitStaging,
  discardCommitted,
  finishRestore,
  stagingFolder,
} from '#core/data-folder.js';
import { codeOf, DomainError } from '#core/errors.js';
import { syncFolder } from '#core/files.js';
import { MIGRATIONS_FOLDER } from '#core/paths.js';
import { isAlive } from '#core/processes.js';
import type { Config } from '../../../config.js';
import { filePart } from '../archive/manifest.js';
import { BackupFile } from '../archive/read.js';
import { checkKey, checkMigrations, otherSettings } from './checks.js';
import { load } from './load.js';
import { prepareTarget, withClient, withEmbedded } from './target.js';

export interface RestoreOptions {
  config: Config;
  log: Logger;
  /** Path of the backup. */
  file: string;
  replace: boolean;
  /** Told what is done, for people. */
  say(line: string): void;
  /** Folder of the migrations; the program's own when left out. */
  migrations?: string;
}

/**
 * Restores a backup into the data folder and database of the settings, for a service that is started afterwards. All
 * or nothing: the file is checked before anything is changed, and what is there stays until the new is complete.
 * @throws DomainError saying why nothing was restored
 */
export async function restore(options: RestoreOptions): Promise<void> {
  const { config, file, log, say, migrations = MIGRATIONS_FOLDER } = options;
  const backup = await BackupFile.open(file, config.backups.passphrase);
  try {
    const { manifest } = backup;
    say(`Restoring ${basename(file)}, made at ${manifest.createdAt} by version ${manifest.version}`);
    await checkMigrations(manifest, migrations);
    await backup.verify();
    say('The file is whole');
    await checkKey(backup, config);
    await mkdir(config.dataDir, { recursive: true, mode: 0o711 });
    await finishRestore(config.dataDir);
    const onSaved = (path: string): void => say(`What was there is saved in ${path}`);
    await prepareTarget({ config, log, replace: options.replace, onSaved });
    await replaceAll(backup, options, migrations);
    for (const line of otherSettings(manifest, config)) say(`Note: ${line} when the backup was made`);
  } catch (error) {
    throw codeOf(error) === 'ENOSPC' ? noRoom(config, error) : error;
  } finally {
    await backup.close();
  }
}

async function replaceAll(backup: BackupFile, options: RestoreOptions, migrations: string): Promise<void> {
  const { config, log, say } = options;
  const { dataDir, databaseUrl } = config;
  const staged = await beginStaging(dataDir, `replaced-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`);
  try {
    await writeFiles(backup, staged);
    const fill = async (client: Client, beforeCommit: () => Promise<void>): Promise<void> => {
      await client.query('BEGIN');
      const left = await load(client, backup, migrations, (step) => log.debug({ step }, 'restoring'));
      if (left.length > 0) say(`Left out, because they are not Polyrelay’s: ${left.join(', ')}`);
      await beforeCommit();
      await client.query('COMMIT');
    };
    if (databaseUrl === undefined) {
      await withEmbedded(staged, log, (client) => fill(client, async () => undefined));
      await rm(join(staged, 'run'), { recursive: true, force: true });
      await refuseStarted(dataDir);
      await commitStaging(dataDir);
    } else {
      // The files count first: were it the database, a kill in between would leave it with another CA and key.
      await withClient(databaseUrl, (client) => fill(client, () => commitStaging(dataDir)));
    }
  } catch (error) {
    await rm(stagingFolder(dataDir), { recursive: true, force: true });
    await discardCommitted(dataDir);
    throw error;
  }
  const aside = await finishRestore(dataDir);
  if (aside !== undefined) say(`What was in the data folder is in ${aside}: delete it when all is well`);
  say(`Restored: ${backup.manifest.tables.reduce((sum, { rows }) => sum + rows, 0)} rows`);
}

async function writeFiles(backup: BackupFile, staged: string): Promise<void> {
  for (const { path } of backup.manifest.files) {
    // A certificate is for everybody; everything else is its owner's alone.
    const mode = path.endsWith('.pem') ? 0o644 : 0o600;
    await pipeline(
      await backup.read(filePart(path)),
      createWriteStream(join(staged, path), { mode, flags: 'wx', flush: true }),
    );
  }
  for (const folder of ['pki', 'uploads', '.']) await syncFolder(join(staged, folder));
}

/** A service that was started on the folder in the meantime keeps it. */
async function refuseStarted(dataDir: string): Promise<void> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  if (pid > 1 && isAlive(pid))
    throw new DomainError(
      'conflict',
      'dataDirInUse',
      `Nothing was restored: a Polyrelay was started on ${dataDir} in the meantime. Stop it, then restore.`,
    );
}

const noRoom = (config: Config, cause: unknown): DomainError =>
  new DomainError(
    'unavailable',
    'noRoom',
    `Nothing was restored: there is no room in ${config.dataDir}. Free some space.`,
    { cause },
  );
