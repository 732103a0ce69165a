import type { FastifyInstance } from 'fastify';
import { codeOf } from '#core/errors.js';
import { listBackups } from './folder.js';

const HOUR_MS = 3_600_000;

/** One that is due already waits this long after a start, which has enough to do: 5 minutes, or a tenth of the period. */
const GRACE_MS = 5 * 60_000;
const GRACE_SHARE = 0.1;

/** What the schedule needs of what makes backups. */
interface Maker {
  begin(): Promise<unknown>;
  idle: Promise<void>;
}

/**
 * Makes a backup whenever the newest one is older than BACKUP_EVERY_HOURS. The files decide, so restarts do not matter.
 */
export class Schedule {
  readonly #app: FastifyInstance;
  readonly #period: number;
  readonly #grace: number;
  /** After a start and after a try: not before this time. */
  #earliest: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#period = app.config.backups.everyHours * HOUR_MS;
    this.#grace = Math.min(GRACE_MS, this.#period * GRACE_SHARE);
    this.#earliest = Date.now() + this.#grace;
  }

  /** When the next backup is due; null when none is made by itself. */
  async next(): Promise<Date | null> {
    if (this.#period === 0) return null;
    const newest = await newestBackup(this.#app);
    return new Date(Math.max(this.#earliest, newest + this.#period));
  }

  start(maker: Maker): void {
    if (this.#period === 0) return;
    // Looked at often: clocks are set, machines sleep, files are deleted.
    this.#timer = setTimeout(() => {
      void this.#look(maker).then(() => this.#timer !== undefined && this.start(maker));
    }, this.#grace);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #look(maker: Maker): Promise<void> {
    try {
      const due = await this.next();
      if (due === null || due.getTime() > Date.now()) return;
      // One that fails is tried again in an hour.
      this.#earliest = Date.now() + Math.min(HOUR_MS, this.#period);
      await maker.begin();
      await maker.idle;
    } catch (error) {
      // Another replica, or a user, is making one: that counts as soon as it is there.
      if (codeOf(error) !== 'backupRunning')
        this.#app.logger.warn({ err: error }, 'a backup could not be begun; trying again');
    }
  }
}

/** When the newest backup was made: in this replica's folder, or by another replica in its own. */
async function newestBackup(app: FastifyInstance): Promise<number> {
  const [newest] = await listBackups(app.config.backups.folder);
  const { rows } = await app.database.pool.query<{ at: Date }>(
    `SELECT at FROM audit_entries
     WHERE action = 'backup.create' AND detail ->> 'instance' <> $1 ORDER BY id DESC LIMIT 1`,
    [app.instanceId],
  );
  return Math.max(newest === undefined ? 0 : Date.parse(newest.createdAt), rows[0]?.at.getTime() ?? 0);
}
