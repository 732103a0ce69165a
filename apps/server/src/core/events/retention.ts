import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { deleteOlder } from './store.js';

const EVERY_MS = 3_600_000;
const CHUNK = 5000;

/** Deletes old events every hour, in chunks, so that no statement holds the log for long. @returns a function that ends it */
export function keepEventsBounded(pool: Pool, days: number, log: Logger): () => void {
  let stopped = false;
  const sweep = async (): Promise<void> => {
    try {
      while (!stopped && (await deleteOlder(pool, days, CHUNK)) === CHUNK);
    } catch (error) {
      log.warn({ err: error }, 'old events could not be deleted; trying again in an hour');
    }
  };
  const timer = setInterval(() => void sweep(), EVERY_MS);
  timer.unref();
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}
