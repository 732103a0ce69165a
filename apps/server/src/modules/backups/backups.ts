import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backup, BackupList } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { PoolClient } from 'pg';
import { DomainError, messageOf, notFound } from '#core/errors.js';
import { VERSION } from '#core/version.js';
import { writeBackup } from './archive/write.js';
import { keepNewest, listBackups, readBackup } from './folder.js';
import { nameOf } from './names.js';
import type { Schedule } from './schedule.js';

/** One backup at a time in all replicas: an advisory lock, held by the connection that reads the database. */
const LOCK = 7_410_223;

/** Progress is told this often at most. */
const TELL_EVERY_MS = 1000;

/** Who asks for a backup: a user, or the schedule. */
export interface Actor {
  name: string;
  ip?: string;
}

const SCHEDULE: Actor = { name: 'system' };

/** Makes, lists and removes the backups of this service. */
export class Backups {
  readonly #app: FastifyInstance;
  readonly #schedule: Schedule;
  readonly #abort = new AbortController();
  #running: Backup | undefined;
  #work: Promise<void> = Promise.resolve();
  #failure: BackupList['failure'] = null;

  constructor(app: FastifyInstance, schedule: Schedule) {
    this.#app = app;
    this.#schedule = schedule;
  }

  async list(): Promise<BackupList> {
    const { everyHours, keep, folder, passphrase } = this.#app.config.backups;
    const [done, next] = await Promise.all([listBackups(folder), this.#schedule.next()]);
    return {
      items: this.#running === undefined ? done : [this.#running, ...done],
      next: next?.toISOString() ?? null,
      everyHours,
      keep,
      folder,
      encrypts: passphrase !== undefined,
      failure: this.#failure,
    };
  }

  /**
   * Begins a backup, which goes on by itself; {@link idle} waits for it.
   * @throws DomainError `backupRunning`
   */
  async begin(actor: Actor = SCHEDULE): Promise<Backup> {
    // Taken at once: two calls must not both wait for a connection.
    if (this.#running !== undefined) throw isRunning();
    const createdAt = new Date();
    const encrypted = this.#app.config.backups.passphrase !== undefined;
    const name = nameOf(createdAt, VERSION, encrypted);
    const begun: Backup = {
      name,
      bytes: 0,
      createdAt: createdAt.toISOString(),
      encrypted,
      version: VERSION,
      state: 'running',
      step: null,
    };
    this.#running = begun;
    try {
      const client = await this.#lockedConnection();
      this.#work = this.#make(client, begun, actor);
      return begun;
    } catch (error) {
      this.#running = undefined;
      throw error;
    }
  }

  /** Resolves when no backup is being made. */
  get idle(): Promise<void> {
    return this.#work;
  }

  /** A finished backup and its path. @throws DomainError `notFound` */
  async find(name: string): Promise<Backup & { path: string }> {
    const { folder } = this.#app.config.backups;
    const found = await readBackup(folder, name);
    if (found === undefined) throw notFound('This backup');
    return { ...found, path: join(folder, found.name) };
  }

  async remove(name: string, actor: Actor): Promise<void> {
    const { path } = await this.find(name);
    await rm(path);
    await this.#audit(actor, 'backup.delete', name);
    await this.#tell(name, 'DELETION');
  }

  async close(): Promise<void> {
    this.#abort.abort(new DomainError('unavailable', 'stopping', 'The service is stopping.'));
    await this.#work;
  }

  async #lockedConnection(): Promise<PoolClient> {
    const client = await this.#app.database.pool.connect();
    const { rows } = await client
      .query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [LOCK])
      .catch((error: Error) => {
        client.release(error);
        throw error;
      });
    if (rows[0]?.locked === true) return client;
    client.release();
    throw isRunning();
  }

  async #make(client: PoolClient, backup: Backup, actor: Actor): Promise<void> {
    const { config, keyring, logger, instanceId } = this.#app;
    const { folder, keep } = config.backups;
    const startedAt = performance.now();
    let failure: Error | undefined;
    try {
      const bytes = await writeBackup({
        client,
        config,
        keyring,
        createdAt: new Date(backup.createdAt),
        path: join(folder, backup.name),
        // Always the same one, so that a killed service leaves one behind at most.
        partPath: join(folder, `.${instanceId}.part`),
        signal: this.#abort.signal,
        onProgress: this.#progressOf(backup),
      });
      this.#failure = null;
      const removed = await keepNewest(folder, keep);
      const ms = Math.round(performance.now() - startedAt);
      logger.info({ name: backup.name, bytes, ms, removed }, 'made a backup');
      this.#running = undefined;
      await this.#audit(actor, 'backup.create', backup.name, { bytes, instance: instanceId, removed });
      await this.#tell(backup.name, 'INSERTION', { bytes });
      for (const name of removed) await this.#tell(name, 'DELETION');
    } catch (error) {
      failure = error as Error;
      this.#running = undefined;
      await this.#failed(failure, backup, actor);
    } finally {
      // Half a COPY may be under way: such a connection is of no use to others. Its lock goes with it.
      if (failure === undefined)
        await client.query('SELECT pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
      client.release(failure ?? false);
    }
  }

  async #failed(error: Error, backup: Backup, actor: Actor): Promise<void> {
    if (this.#abort.signal.aborted) return;
    const message = messageOf(error);
    this.#failure = { at: new Date().toISOString(), message };
    this.#app.logger.error({ err: error }, 'a backup failed; earlier ones are kept');
    await this.#audit(actor, 'backup.fail', backup.name, { message });
    await this.#tell('failed', 'UPDATE', { message });
  }

  #progressOf(backup: Backup): (step: string, bytes: number) => void {
    let told = 0;
    return (step, bytes) => {
      backup.step = step;
      backup.bytes = bytes;
      if (Date.now() - told < TELL_EVERY_MS) return;
      told = Date.now();
      void this.#tell(backup.name, 'UPDATE', { step, bytes });
    };
  }

  #audit(actor: Actor, action: string, target: string, detail: Record<string, unknown> = {}): Promise<void> {
    const { name, ip } = actor;
    return this.#app.audit.record({
      actor: name,
      action,
      target,
      detail,
      ...(ip === undefined ? {} : { ip }),
    });
  }

  /** Tells the admins' dashboards; what cannot be told is in the log and the list. */
  async #tell(
    name: string,
    operation: 'INSERTION' | 'UPDATE' | 'DELETION',
    payload: Record<string, unknown> = {},
  ): Promise<void> {
    await this.#app.events
      .transaction(async (_tx, record) =>
        record({ topic: `backups/${name}`, operation, ownerId: null, payload }),
      )
      .catch((error: unknown) => this.#app.logger.warn({ err: error }, 'a backup could not be told of'));
  }
}

const isRunning = (): DomainError =>
  new DomainError('conflict', 'backupRunning', 'A backup is being made already. Wait until it is done.');
