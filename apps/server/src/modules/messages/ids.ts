import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** Bytes of chance that one id takes, and how many are fetched at a time: each fetch costs as much as all the rest. */
const BYTES = 16;
const pool = Buffer.alloc(256 * BYTES);
let used = pool.length;

let msecs = 0;
let seq = 0;

/** A new message id: UUID of version 7, greater than the one before (RFC 9562 section 6.2, method 1). */
export function newMessageId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + BYTES);
  used += BYTES;
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    // Room to count: the highest two of its 32 bits stay free.
    seq = random.readUInt32BE(0) >>> 2;
  } else seq++;
  return v7({ random, msecs, seq });
}
