import type { FastifyInstance } from 'fastify';
import type { Principal } from '#core/principal.js';
import { findAccessToken } from './store.js';

/** So long a token is not looked up again, in ms: what the database was told behind the service’s back shows by then. */
const KEPT_MS = 5000;

/** So many stay at hand; the one looked up the longest ago goes first. */
const MAX_KEPT = 10_000;

interface Known {
  principal: Principal;
  /** Of the process’s own clock, which does not jump. */
  until: number;
}

/**
 * Access tokens of the last seconds, so that a program that calls often costs no query for each call. Everything known
 * of a user is forgotten with the event of a change of the user or of a revoked token, on every replica.
 */
export class KnownTokens {
  readonly #app: FastifyInstance;
  readonly #byToken = new Map<string, Known>();
  /** Grows with everything that is forgotten: what was being looked up meanwhile is not kept. */
  #forgotten = 0;

  constructor(app: FastifyInstance) {
    this.#app = app;
    app.events.on('users/+', ({ topic }) => this.forgetUser(topic.split('/')[1] ?? ''));
  }

  /** From here on tokens of a user are looked up. */
  forgetUser(userId: string): void {
    this.#forgotten++;
    for (const [token, { principal }] of this.#byToken)
      if (principal.userId === userId) this.#byToken.delete(token);
  }

  /** Whose a token is, where nothing has to be waited for. */
  kept(token: string): Principal | undefined {
    const known = this.#byToken.get(token);
    if (known === undefined) return undefined;
    const { principal, until } = known;
    const over = principal.expiresAt !== null && principal.expiresAt.getTime() <= Date.now();
    return over || until <= performance.now() ? undefined : principal;
  }

  /** Looks a token up. */
  async find(token: string): Promise<Principal | undefined> {
    const forgotten = this.#forgotten;
    const principal = await findAccessToken(this.#app.database.pool, token);
    this.#byToken.delete(token);
    if (principal !== undefined && forgotten === this.#forgotten) this.#keep(token, principal);
    return principal;
  }

  #keep(token: string, principal: Principal): void {
    this.#byToken.set(token, { principal, until: performance.now() + KEPT_MS });
    const [oldest] = this.#byToken.keys();
    if (this.#byToken.size > MAX_KEPT && oldest !== undefined) this.#byToken.delete(oldest);
  }
}
