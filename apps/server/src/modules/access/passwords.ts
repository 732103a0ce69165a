import { hash, verify } from '@node-rs/argon2';
import { DomainError } from '#core/errors.js';

/** OWASP's first choice for argon2id (the library's default algorithm): 19 MiB, 2 passes, 1 lane. */
export const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const hashPassword = (password: string): Promise<string> => hash(password, COST);

/**
 * Checks at once, each with a thread and 19 MiB, and those that wait: however many guess, the machine keeps time for
 * other work.
 */
const AT_ONCE = 2;
const MAX_WAITING = 200;
const waiting: (() => void)[] = [];
let running = 0;

/** @throws rateLimited: too many wait already */
async function inTurn<T>(check: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MAX_WAITING)
      throw new DomainError('rateLimited', 'busy', 'Too many sign in just now. Try again in some seconds.');
    // Who leaves hands its turn on: `running` stays.
    await new Promise<void>((turn) => waiting.push(turn));
  } else running++;
  try {
    return await check();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

/** A hash of nothing anybody knows: an unknown e-mail takes as long as a wrong password. */
let decoy: Promise<string> | undefined;

/** Checks a password; without a hash it takes as long and says no. */
export async function checkPassword(
  passwordHash: string | null | undefined,
  password: string,
): Promise<boolean> {
  decoy ??= hashPassword(crypto.randomUUID());
  const stored = passwordHash ?? (await decoy);
  const matches = await inTurn(() => verify(stored, password));
  return matches && passwordHash !== null && passwordHash !== undefined;
}
