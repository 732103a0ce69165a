import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { messageOf } from '#core/errors.js';
import { isDatabaseAway } from './database.js';

const RETRY_MS = 500;
const SAY_EVERY_MS = 5000;

/**
 * Waits until the database answers, and says every few seconds what it waits for. Only an absent database is
 * waited for; a wrong password or name is an error at once.
 */
export async function waitForDatabase(pool: Pool, url: string, log: Logger): Promise<void> {
  const place = new URL(url).host || 'the embedded server';
  let said = 0;
  for (;;) {
    try {
      await pool.query('SELECT 1');
      return;
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      if (Date.now() - said > SAY_EVERY_MS) {
        said = Date.now();
        log.warn(
          `Waiting for PostgreSQL at ${place}: ${messageOf(error)}. Start it, or correct DATABASE_URL.`,
        );
      }
    }
    await delay(RETRY_MS);
  }
}
