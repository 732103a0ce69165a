import type { PolicyLimits, PolicyUsage } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';

/** Id of the row for everybody: a fixed one, so that there can never be two of it. */
const EVERYBODY = '00000000-0000-0000-0000-000000000000';

/** Whose limits a row holds: a user's, or everybody's who has none of their own. */
export type PolicyScope = { userId: string } | 'default';

/** Column of each limit. */
const COLUMNS = ['things', 'collected', 'published', 'retentionDays'] as const;

/** As Prisma gives it, or `pg`: a big integer as text. */
type LimitRow = Record<(typeof COLUMNS)[number], bigint | string | null>;

const UNLIMITED: PolicyLimits = { things: null, collected: null, published: null, retentionDays: null };

const toLimits = (row: LimitRow | null | undefined): PolicyLimits =>
  row === null || row === undefined
    ? { ...UNLIMITED }
    : (Object.fromEntries(
        COLUMNS.map((name) => [name, row[name] === null ? null : Number(row[name])]),
      ) as PolicyLimits);

/** The limits for everybody; without a row there are none. */
export async function defaultLimits(app: FastifyInstance): Promise<PolicyLimits> {
  return toLimits(await app.database.prisma.policy.findFirst({ where: { userId: null } }));
}

/** Anything that runs SQL: the pool, or the connection of a transaction. */
export interface Queryable {
  query<R extends object>(text: string, values: unknown[]): Promise<{ rows: R[] }>;
}

/** The limits that hold for a user, and whether they are the user's own. */
export async function limitsFor(
  database: Queryable,
  userId: string,
): Promise<{ limits: PolicyLimits; own: boolean }> {
  const { rows } = await database.query<LimitRow & { own: boolean }>(
    `SELECT things, collected, published, retention_days AS "retentionDays", user_id IS NOT NULL AS own
     FROM policies WHERE user_id = $1::uuid OR user_id IS NULL ORDER BY user_id NULLS LAST LIMIT 1`,
    [userId],
  );
  return { limits: toLimits(rows[0]), own: rows[0]?.own ?? false };
}

/** The limits of every user who has some of their own. */
export async function allOwnLimits(app: FastifyInstance): Promise<Map<string, PolicyLimits>> {
  const rows = await app.database.prisma.policy.findMany({ where: { userId: { not: null } } });
  return new Map(rows.map((row) => [row.userId ?? '', toLimits(row)]));
}

/** Writes limits in the transaction of their event. */
export const policyUpsert = (scope: PolicyScope, limits: PolicyLimits) => {
  const id = scope === 'default' ? EVERYBODY : scope.userId;
  const values = Object.fromEntries(
    COLUMNS.map((name) => [name, limits[name] === null ? null : BigInt(limits[name])]),
  ) as Record<(typeof COLUMNS)[number], bigint | null>;
  return {
    where: { id },
    create: { id, userId: scope === 'default' ? null : scope.userId, ...values },
    update: values,
  };
};

/** The calendar month that is counted (UTC): its first moment, and that of the next. */
export function monthOf(now: Date): { start: Date; end: Date } {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return { start: new Date(Date.UTC(year, month)), end: new Date(Date.UTC(year, month + 1)) };
}

interface UsageRow {
  user_id: string;
  email: string;
  things: string;
  collected: string | null;
  published: string | null;
}

/** What users have used of their limits: one user, or all of them in the order they came. */
export async function usageOf(
  app: FastifyInstance,
  month: Date,
  userId?: string,
): Promise<{ userId: string; email: string; usage: PolicyUsage }[]> {
  const { rows } = await app.database.pool.query<UsageRow>(
    `SELECT u.id AS user_id, u.email, g.collected, g.published,
            (SELECT count(*) FROM things t WHERE t.owner_id = u.id) AS things
     FROM users u LEFT JOIN usage g ON g.user_id = u.id AND g.month = $1
     WHERE $2::uuid IS NULL OR u.id = $2 ORDER BY u.created_at, u.id`,
    [month, userId ?? null],
  );
  return rows.map((row) => ({
    userId: row.user_id,
    email: row.email,
    usage: {
      things: Number(row.things),
      collected: Number(row.collected ?? 0),
      published: Number(row.published ?? 0),
    },
  }));
}
