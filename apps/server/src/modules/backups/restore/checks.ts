import { readMigrations } from '#core/database/migrate.js';
import { DomainError } from '#core/errors.js';
import { Keyring, readKeys } from '#core/secrets/keyring.js';
import type { Config } from '../../../config.js';
import { filePart, type Manifest, PROBE } from '../archive/manifest.js';
import { type BackupFile, newer } from '../archive/read.js';
import { settingsOf } from '../archive/write.js';

/**
 * Refuses a backup whose migrations are not a part of this program's.
 * @throws DomainError `backupNewer`, `backupForeign`
 */
export async function checkMigrations(manifest: Manifest, folder: string): Promise<void> {
  const own = new Map((await readMigrations(folder)).map(({ name, checksum }) => [name, checksum]));
  for (const { name, checksum } of manifest.migrations) {
    const known = own.get(name);
    if (known === undefined) throw newer(`${manifest.version} with the migration ${name}`);
    if (known !== checksum)
      throw new DomainError(
        'invalid',
        'backupForeign',
        `This backup was made by another build: its migration ${name} is not the one of this program. Use the build that made it.`,
      );
  }
}

/**
 * Refuses a restore after which the secrets could not be read.
 * @throws DomainError `keyNeeded`, `wrongKey`
 */
export async function checkKey(backup: BackupFile, config: Config): Promise<void> {
  const { key } = backup.manifest;
  if (key.from === 'environment' && config.secretKeys.length === 0)
    throw new DomainError(
      'invalid',
      'keyNeeded',
      'The key of this backup’s secrets came from the environment, and is not in the backup. Set POLYRELAY_KEY to it.',
    );
  const keyring =
    config.secretKeys.length > 0
      ? new Keyring(config.secretKeys.map((one) => Buffer.from(one, 'base64')))
      : new Keyring(readKeys(await textOf(backup, filePart('secret.key'))));
  try {
    keyring.open(Buffer.from(key.probe, 'base64'), PROBE.place);
  } catch (cause) {
    const advice =
      key.from === 'environment'
        ? 'Set it to the key that was set when the backup was made.'
        : 'Leave POLYRELAY_KEY away: the backup brings its key along.';
    throw new DomainError(
      'invalid',
      'wrongKey',
      `The secrets of this backup cannot be read with POLYRELAY_KEY. ${advice}`,
      { cause },
    );
  }
}

/** Settings that were others when the backup was made: `PUBLIC_URL was https://…`. */
export function otherSettings({ settings }: Manifest, config: Config): string[] {
  const now = settingsOf(config);
  return (Object.keys(settings) as (keyof typeof settings)[])
    .filter((name) => settings[name] !== now[name])
    .map((name) => `${name} was ${settings[name] ?? 'not set'}`);
}

async function textOf(backup: BackupFile, part: string): Promise<string> {
  return Buffer.concat(await (await backup.read(part)).toArray()).toString('utf8');
}
