import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/** So long after its last use a password is checked again as at a first sign-in, in ms. */
const KEPT_MS = 15 * 60_000;

/** So many stay at hand; the one used the longest ago goes first. */
const MAX_KEPT = 10_000;

interface Known {
  userId: string;
  /** The stored hash that the password was found to match: another one means that it was changed. */
  passwordHash: string;
  digest: Buffer;
  /** Of the process’s own clock, which does not jump. */
  until: number;
}

/**
 * Passwords that were found right lately, so that a program that sends its password with each call costs one indexed
 * query for each, not an argon2, and does not use up the guesses of its own account. What is kept is an HMAC under a key
 * that this process made: it is of no use elsewhere.
 */
export class KnownPasswords {
  readonly #app: FastifyInstance;
  readonly #key = randomBytes(32);
  readonly #byEmail = new Map<string, Known>();
  /** Checks under way: a client that opens many connections at once is checked once. */
  readonly #underWay = new Map<string, Promise<string>>();

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  /**
   * The user whose password it is.
   * @param email in lower case
   * @param check the sign-in proper, for a password that is not known to be right
   */
  async signIn(email: string, password: string, check: () => Promise<string>): Promise<string> {
    const digest = createHmac('sha256', this.#key).update(password).digest();
    const known = await this.#find(email, digest);
    if (known !== undefined) return known;
    const key = `${email} ${digest.toString('base64')}`;
    const running = this.#underWay.get(key);
    if (running !== undefined) return running;
    const checked = this.#check(email, digest, check).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, checked);
    return checked;
  }

  async #find(email: string, digest: Buffer): Promise<string | undefined> {
    const known = this.#byEmail.get(email);
    if (known === undefined || !timingSafeEqual(known.digest, digest)) return undefined;
    const isRight = known.until > performance.now() && (await this.#hashOf(email)) === known.passwordHash;
    if (!isRight) {
      if (this.#byEmail.get(email) === known) this.#byEmail.delete(email);
      return undefined;
    }
    this.#keep(email, known);
    return known.userId;
  }

  async #check(email: string, digest: Buffer, check: () => Promise<string>): Promise<string> {
    // Read before: a password that is changed meanwhile is not remembered with the hash of the new one.
    const passwordHash = await this.#hashOf(email);
    const userId = await check();
    if (passwordHash !== undefined) this.#keep(email, { userId, passwordHash, digest, until: 0 });
    return userId;
  }

  #keep(email: string, known: Known): void {
    known.until = performance.now() + KEPT_MS;
    this.#byEmail.delete(email);
    this.#byEmail.set(email, known);
    const [oldest] = this.#byEmail.keys();
    if (this.#byEmail.size > MAX_KEPT && oldest !== undefined) this.#byEmail.delete(oldest);
  }

  async #hashOf(email: string): Promise<string | undefined> {
    const { rows } = await this.#app.database.pool.query<{ password_hash: string | null }>({
      name: 'password-hash',
      text: 'SELECT password_hash FROM users WHERE email = $1',
      values: [email],
    });
    return rows[0]?.password_hash ?? undefined;
  }
}
