import type { ChannelReader } from '@polyrelay/contract';
import type { ReaderRow } from './store.js';

/** Longer than any wait and any rate: what was written before says nothing about now. */
const CURRENT_MS = 75_000;

export function presentReader(row: ReaderRow): ChannelReader {
  const current = Date.now() - row.last_read_at.getTime() < CURRENT_MS;
  const currKey = Number(row.curr_key);
  return {
    id: row.id,
    name: row.name,
    agent: row.agent,
    currKey,
    // What was deleted before it came that far waits for nobody.
    lag: Math.max(0, Number(row.next_key) - Math.max(currKey, Number(row.first_key))),
    rate: current ? row.rate : 0,
    waiting: current && row.waiting,
    deletes: row.deletes,
    lastReadAt: row.last_read_at.toISOString(),
  };
}
