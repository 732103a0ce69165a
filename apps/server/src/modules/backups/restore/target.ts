import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { connectionOptions } from '#core/database/database.js';
import { EmbeddedPostgres } from '#core/database/embedded.js';
import { DomainError } from '#core/errors.js';
import { exists } from '#core/files.js';
import { openKeyring } from '#core/secrets/keyring.js';
import { VERSION } from '#core/version.js';
import type { Config } from '../../../config.js';
import { writeBackup } from '../archive/write.js';
import { nameOf } from '../names.js';

/** Runs `work` with a connection to a PostgreSQL that is started in `dataDir` for it. */
export async function withEmbedded<T>(
  dataDir: string,
  log: Logger,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const postgres = new EmbeddedPostgres({ dataDir, log });
  const url = await postgres.start((reason) => log.error(reason));
  try {
    return await withClient(url, work);
  } finally {
    await postgres.stop();
  }
}

/** Runs `work` with a connection to the database at `url`. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...connectionOptions(url), application_name: 'polyrelay-restore' });
  // What breaks shows in the statement that is under way.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What a restore does before it changes anything where it restores to. */
export interface Preparation {
  config: Config;
  log: Logger;
  /** What is there may be replaced, after a backup of it. */
  replace: boolean;
  /** Told the path of that backup. */
  onSaved(path: string): void;
}

/**
 * Makes sure that what is there may go.
 * @throws DomainError `notEmpty`, `dataDirInUse`, `databaseInUse`
 */
export async function prepareTarget(preparation: Preparation): Promise<void> {
  const { config, log } = preparation;
  const look = (client: pg.Client): Promise<void> => prepareDatabase(client, preparation);
  if (config.databaseUrl !== undefined) await withClient(config.databaseUrl, look);
  else if (await exists(join(config.dataDir, 'postgres', 'PG_VERSION')))
    await withEmbedded(config.dataDir, log, look);
}

async function prepareDatabase(client: pg.Client, preparation: Preparation): Promise<void> {
  await refuseUsed(client);
  const [users, nodeServers] = [await countOf(client, 'users'), await countOf(client, 'node_servers')];
  if (users + nodeServers === 0) return;
  if (!preparation.replace)
    throw new DomainError(
      'conflict',
      'notEmpty',
      `Nothing was restored: there is something already (${users} users, ${nodeServers} node servers). Restore into an empty DATA_DIR and database, or add --replace: then a backup of it is made first.`,
    );
  preparation.onSaved(await saveExisting(client, preparation.config));
}

/** A connection that was closed just now is seen for a moment longer: it is looked for so often, and so long. */
const LOOK_MS = 100;
const PATIENCE_MS = 2000;

/** Other programs connect under names of their own. */
async function refuseUsed(client: pg.Client): Promise<void> {
  const isUsed = async (): Promise<boolean> => {
    const { rowCount } = await client.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'polyrelay'`,
    );
    return rowCount !== 0;
  };
  let used = await isUsed();
  for (let waited = 0; used && waited < PATIENCE_MS; waited += LOOK_MS) {
    await delay(LOOK_MS);
    used = await isUsed();
  }
  if (used)
    throw new DomainError(
      'conflict',
      'databaseInUse',
      'Nothing was restored: a Polyrelay is connected to the database. Stop it (all replicas), then restore.',
    );
}

async function countOf(client: pg.Client, table: string): Promise<number> {
  const found = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    table,
  ]);
  if (found.rows[0]?.there !== true) return 0;
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) AS count FROM ${pg.escapeIdentifier(table)}`,
  );
  return Number(rows[0]?.count);
}

async function saveExisting(client: pg.Client, config: Config): Promise<string> {
  const createdAt = new Date();
  const { folder, passphrase } = config.backups;
  const path = join(folder, nameOf(createdAt, VERSION, passphrase !== undefined));
  await writeBackup({
    client,
    config,
    keyring: await openKeyring(config.secretKeys, config.dataDir),
    createdAt,
    path,
    partPath: join(folder, `.${randomUUID()}.part`),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  return path;
}
