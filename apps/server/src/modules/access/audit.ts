import type { Logger } from 'pino';
import type { Database } from '#core/database/database.js';

/** What is worth remembering about who did what. `actor`: an e-mail, `worker <id>` or `system`. Never a secret. */
export interface AuditRecord {
  actor: string;
  action: string;
  target?: string;
  detail?: Record<string, unknown>;
  ip?: string;
}

/** A worker that misbehaves in a loop fills one entry a minute for each thing it does, with a count. */
const SAME_EVERY_MS = 60_000;
const MAX_REMEMBERED = 10_000;

/** Writes the audit log. */
export class Audit {
  readonly #database: Database;
  readonly #log: Logger;
  readonly #recent = new Map<string, { at: number; more: number }>();

  constructor(database: Database, log: Logger) {
    this.#database = database;
    this.#log = log;
  }

  /** Writes an entry. Never fails the operation it tells of: a failure is logged. */
  async record(entry: AuditRecord): Promise<void> {
    try {
      const { actor, action, target = '', detail = {}, ip } = entry;
      await this.#database.prisma.auditEntry.create({
        data: { actor, action, target, detail: detail as object, ip: ip ?? null },
      });
    } catch (error) {
      this.#log.error({ err: error, entry }, 'an audit entry could not be written');
    }
  }

  /** Writes an entry at most once a minute for the same actor, action and target; the next one counts what was left out. */
  async recordSeldom(entry: AuditRecord): Promise<void> {
    const key = `${entry.actor} ${entry.action} ${entry.target ?? ''}`;
    const now = Date.now();
    const recent = this.#recent.get(key);
    if (recent !== undefined && now - recent.at < SAME_EVERY_MS) {
      recent.more++;
      return;
    }
    if (this.#recent.size >= MAX_REMEMBERED) this.#recent.clear();
    this.#recent.set(key, { at: now, more: 0 });
    const detail =
      recent !== undefined && recent.more > 0 ? { ...entry.detail, alsoSince: recent.more } : entry.detail;
    await this.record({ ...entry, ...(detail === undefined ? {} : { detail }) });
  }
}
