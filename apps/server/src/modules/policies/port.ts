import type { PolicyLimits } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { PoolClient } from 'pg';
import type { Transaction } from '#core/database/database.js';
import { DomainError } from '#core/errors.js';

/** What is counted in a month. */
export type Counted = 'collected' | 'published';

/** The limits as other modules ask for them. */
export class PoliciesPort {
  readonly #app: FastifyInstance;

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  /** The limits that hold for a user: the user's own, or those for everybody. */
  async limitsOf(userId: string): Promise<PolicyLimits> {
    const row = await this.#app.database.prisma.policy.findFirst({
      where: { OR: [{ userId }, { userId: null }] },
      orderBy: { userId: { sort: 'asc', nulls: 'last' } },
    });
    const number = (value: bigint | null | undefined): number | null =>
      value === null || value === undefined ? null : Number(value);
    return {
      things: number(row?.things),
      collected: number(row?.collected),
      published: number(row?.published),
      retentionDays: number(row?.retentionDays),
    };
  }

  /**
   * Counts `wanted` messages of a user in the transaction that stores them.
   * @returns how many of them are within the limit of this month; the others must not be stored
   */
  async admit(client: PoolClient, userId: string, what: Counted, wanted: number): Promise<number> {
    const limit = (await this.limitsOf(userId))[what];
    const { rows } = await client.query<{ before: string }>({
      name: `usage-${what}`,
      text: `INSERT INTO usage AS u (user_id, month) VALUES ($1, date_trunc('month', now(), 'UTC'))
             ON CONFLICT (user_id, month) DO UPDATE SET ${what} = u.${what} RETURNING ${what} AS before`,
      values: [userId],
    });
    const left = limit === null ? wanted : Math.max(0, limit - Number(rows[0]?.before ?? 0));
    const admitted = Math.min(wanted, left);
    if (admitted > 0)
      await client.query({
        name: `count-${what}`,
        text: `UPDATE usage SET ${what} = ${what} + $2 WHERE user_id = $1 AND month = date_trunc('month', now(), 'UTC')`,
        values: [userId, admitted],
      });
    return admitted;
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
}
