import type { Policy, PolicyLimits } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { PoolClient } from 'pg';
import type { Transaction } from '#core/database/database.js';
import { DomainError, notFound } from '#core/errors.js';
import { LimitsCache } from './limits.js';
import { monthOf, usageOf } from './store.js';

/** What is counted in a month. */
export type Counted = 'collected' | 'published';

/**
 * Counts messages of users who have no limit, as a part of a longer statement, too.
 * @param source a query of `user_id` and how many are `wanted`, in the order of the users' ids
 */
export function countStatement(what: Counted, source: string): string {
  return `INSERT INTO usage AS u (user_id, month, ${what})
   SELECT s.user_id, date_trunc('month', now(), 'UTC'), s.wanted FROM (${source}) AS s
   ON CONFLICT (user_id, month) DO UPDATE SET ${what} = u.${what} + excluded.${what} RETURNING ${what} AS counted`;
}

/** The limits as other modules ask for them. */
export class PoliciesPort {
  readonly #app: FastifyInstance;
  readonly #limits: LimitsCache;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#limits = new LimitsCache(app);
  }

  /** The limits that hold for a user: the user's own, or those for everybody. */
  async limitsOf(userId: string): Promise<PolicyLimits> {
    return (await this.#limits.of(userId)).limits;
  }

  /** The limits of a user, and what has been used of them in this month. @throws notFound */
  async read(userId: string): Promise<Policy> {
    const { start, end } = monthOf(new Date());
    const [{ limits, own }, [used]] = await Promise.all([
      this.#limits.of(userId),
      usageOf(this.#app, start, userId),
    ]);
    if (used === undefined) throw notFound('This user');
    return {
      limits,
      usage: used.usage,
      periodStart: start.toISOString(),
      periodEnd: end.toISOString(),
      own,
    };
  }

  /**
   * Counts `wanted` messages of a user in the transaction that stores them. Exact however many do so at once: the
   * user's count is locked until the commit. A transaction with several users takes them in the order of their ids.
   * @returns how many of them are within the limit of this month; the others must not be stored
   */
  async admit(client: PoolClient, userId: string, what: Counted, wanted: number): Promise<number> {
    const limit = (await this.#limits.of(userId, client)).limits[what];
    if (limit === null) {
      await this.count(client, userId, what, wanted);
      return wanted;
    }
    // The first statement locks the count and tells it, the second one writes what is admitted.
    const left = Math.max(0, limit - (await this.count(client, userId, what, 0)));
    const admitted = Math.min(wanted, left);
    if (admitted > 0) await this.count(client, userId, what, admitted);
    return admitted;
  }

  /** Counts messages of a user who has no limit; sent at once. @returns the count, locked until the commit */
  async count(client: PoolClient, userId: string, what: Counted, by: number): Promise<number> {
    const { rows } = await client.query<{ counted: string }>({
      name: `count-${what}`,
      text: COUNT[what],
      values: [userId, by],
    });
    return Number(rows[0]?.counted);
  }

  /**
   * Sees to it, in the transaction that creates a thing, that its owner may have one more. Creations of one owner wait
   * for each other until the commit, so that two at once do not both take the last place.
   * @throws forbidden `overLimit`
   */
  async admitThing(tx: Transaction, userId: string, limit: number | null): Promise<void> {
    if (limit === null) return;
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('polyrelay.things'), hashtext(${userId}))`;
    if ((await tx.thing.count({ where: { ownerId: userId } })) >= limit)
      throw await this.overLimit(userId, 'things');
  }

  /** The refusal of what is over a limit. */
  async overLimit(userId: string, what: Counted | 'things'): Promise<DomainError> {
    const limit = (await this.limitsOf(userId))[what];
    const month = what === 'things' ? '' : ' a month';
    const noun = what === 'things' ? 'things' : `${what} messages`;
    return new DomainError(
      'forbidden',
      'overLimit',
      `The policy allows ${limit} ${noun}${month}, and they are used up. An admin can raise the limit under Settings → Policies.`,
    );
  }

  /** The same as a part of a longer statement: counts what the query `source` says (`user_id`, `wanted`), users in the order of their ids. */
  countSql(what: Counted, source: string): string {
    return countStatement(what, source);
  }

  /** Forgets what was read of a policy that this process has changed just now. */
  forget(scope: string): void {
    this.#limits.forget(scope);
  }
}

const COUNT: Record<Counted, string> = {
  collected: countStatement('collected', 'SELECT $1::uuid AS user_id, $2::bigint AS wanted'),
  published: countStatement('published', 'SELECT $1::uuid AS user_id, $2::bigint AS wanted'),
};
