import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { finishRestore } from './data-folder.js';
import { Database } from './database/database.js';
import { EmbeddedPostgres } from './database/embedded.js';
import { migrate } from './database/migrate.js';
import { waitForDatabase } from './database/wait.js';
import { type Endpoints, endpointsOf } from './endpoints.js';
import { EventLog } from './events/log.js';
import { keepEventsBounded } from './events/retention.js';
import { Metrics } from './metrics.js';
import { MIGRATIONS_FOLDER } from './paths.js';
import { type Authority, openAuthority } from './pki/authority.js';
import { ServerCertificate } from './pki/server-certificate.js';
import { type Keyring, openKeyring } from './secrets/keyring.js';
import { newToken } from './secrets/tokens.js';

declare module 'fastify' {
  interface FastifyInstance {
    config: Config;
    logger: Logger;
    endpoints: Endpoints;
    database: Database;
    events: EventLog;
    authority: Authority;
    /** What the service's own TLS ports show. */
    certificate: ServerCertificate;
    keyring: Keyring;
    metrics: Metrics;
    /** Name of this replica, the same at every start. */
    instanceId: string;
  }
}

/** What every module stands on: settings, database, event log, certificates, keys, figures. */
export const core = fp(
  async (app: FastifyInstance, options: { config: Config; logger: Logger }) => {
    const { config, logger } = options;
    // Others may pass through, because PostgreSQL runs as its own user below it; each file has its own rights.
    await mkdir(config.dataDir, { recursive: true, mode: 0o711 });
    const aside = await finishRestore(config.dataDir);
    if (aside !== undefined) logger.info(`finished an interrupted restore; what was there is in ${aside}`);
    app.decorate('config', config);
    app.decorate('logger', logger);
    app.decorate('endpoints', endpointsOf(config));
    app.decorate('instanceId', await instanceId(config.dataDir));
    const [keyring, authority] = await Promise.all([
      openKeyring(config.secretKeys, config.dataDir),
      openAuthority(config.dataDir),
    ]);
    app.decorate('keyring', keyring);
    app.decorate('authority', authority);
    const certificate = await ServerCertificate.make(authority, app.endpoints.brokerHosts);
    app.decorate('certificate', certificate);
    certificate.watch(logger);
    app.addHook('onClose', async () => certificate.stop());
    app.decorate('metrics', new Metrics());
    const url = config.databaseUrl ?? (await startEmbedded(app));
    const database = new Database({ url, log: logger });
    app.decorate('database', database);
    app.addHook('onClose', () => database.close());
    await waitForDatabase(database.pool, url, logger);
    const applied = await migrate(database.pool, MIGRATIONS_FOLDER);
    if (applied.length > 0) logger.info({ applied }, 'migrated the database');
    const events = new EventLog({ database, log: logger, shared: config.databaseUrl !== undefined });
    await events.start();
    app.decorate('events', events);
    app.addHook('onClose', () => events.stop());
    const stopKeeping = keepEventsBounded(database.pool, config.retentionDays.events, logger);
    app.addHook('onClose', async () => stopKeeping());
  },
  { name: 'core' },
);

/** Starts PostgreSQL in the data folder; when it ends by itself, starts it again until the service closes. */
async function startEmbedded(app: FastifyInstance): Promise<string> {
  const postgres = new EmbeddedPostgres({ dataDir: app.config.dataDir, log: app.logger });
  let closing = false;
  const restart = (reason: string): void => {
    if (closing) return;
    app.logger.error(`${reason}. Starting it again.`);
    postgres.start(restart).catch((error: unknown) => {
      app.logger.error({ err: error }, 'the database could not be started');
      setTimeout(() => restart('The database is down'), 1000).unref();
    });
  };
  app.addHook('onClose', async () => {
    closing = true;
    await postgres.stop();
  });
  return postgres.start(restart);
}

async function instanceId(dataDir: string): Promise<string> {
  const path = join(dataDir, 'instance-id');
  const known = (await readFile(path, 'utf8').catch(() => '')).trim();
  if (known !== '') return known;
  const id = newToken(9);
  await writeFile(path, `${id}\n`);
  return id;
}
