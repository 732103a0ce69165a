import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { Logger } from 'pino';
import { codeOf, DomainError } from '#core/errors.js';
import type { Prisma } from '#generated/prisma/client.js';
import { PrismaClient } from '#generated/prisma/client.js';

/** A Prisma client bound to one transaction. */
export type Transaction = Prisma.TransactionClient;

/** How long a transaction may wait for a connection, and how long it may take, in ms. */
const LIMITS = { maxWait: 10_000, timeout: 20_000 };

/** Codes with which PostgreSQL asks for another try: serialization failure, deadlock. */
const TRY_AGAIN = new Set(['40001', '40P01']);

/** Codes of a connection that is gone or not to be had: the database is away. */
const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '08006',
  '08001',
  '08003',
  // It is there and cannot write: disk full, out of memory, no connection left. Waiting helps, dropping loses.
  '53100',
  '53200',
  '53300',
  // Prisma's own: not reachable, closed.
  'P1001',
  'P1017',
]);

/**
 * The connection pool, and Prisma over the same pool. Hot paths write batched SQL through {@link pool}; everything
 * else uses {@link prisma}.
 */
export class Database {
  readonly pool: pg.Pool;
  readonly prisma: PrismaClient;

  constructor(options: { url: string; log: Logger; connections?: number }) {
    this.pool = new pg.Pool({
      ...connectionOptions(options.url),
      max: options.connections ?? 12,
      application_name: 'polyrelay',
    });
    // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
    this.pool.on('error', (error) => {
      // At the end the database may stop before the last connections have closed.
      if (!this.pool.ending) options.log.warn(`a database connection broke: ${error.message}`);
    });
    // The same for one in use, whose statement fails anyway.
    this.pool.on('connect', (client) => client.on('error', () => undefined));
    this.prisma = new PrismaClient({ adapter: new PrismaPg(this.pool, { disposeExternalPool: false }) });
  }

  /** Runs `work` in one Prisma transaction. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.prisma.$transaction(work, LIMITS);
  }

  /**
   * Runs `work` in one transaction on a pool connection, for batched SQL; tried again after a deadlock. Statements are
   * sent without waiting for the one before: where `work` awaits several together, they cost one round trip, which
   * otherwise each spend in line behind everything else this process does.
   */
  async sql<T>(work: (client: pg.PoolClient) => Promise<T>, tries = 3): Promise<T> {
    const client: pg.PoolClient & { pipeline?: boolean } = await this.pool.connect();
    let broken: Error | undefined;
    client.pipeline = true;
    try {
      const begun = client.query('BEGIN');
      const [result] = await Promise.all([work(client), begun]);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((rollback: Error) => {
        broken = rollback;
      });
      if (tries > 1 && TRY_AGAIN.has(codeOf(error) ?? '')) return this.sql(work, tries - 1);
      throw error;
    } finally {
      client.pipeline = false;
      client.release(broken);
    }
  }

  /** Runs one statement, which is a transaction by itself; tried again after a deadlock. @returns its rows */
  async statement<Row extends object>(query: pg.QueryConfig, tries = 3): Promise<Row[]> {
    try {
      return (await this.pool.query<Row>(query)).rows;
    } catch (error) {
      if (tries > 1 && TRY_AGAIN.has(codeOf(error) ?? '')) return this.statement(query, tries - 1);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.prisma.$disconnect();
    await this.pool.end();
  }
}

/** Whether an error says that the database cannot be reached now, so that the caller may try again later. */
export function isDatabaseAway(error: unknown): boolean {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if (AWAY.has(codeOf(e) ?? '') || AWAY.has(driverCodeOf(e) ?? '')) return true;
    if (
      /Connection terminated|connection timeout|not queryable|Can't reach database|ECONNREFUSED|ECONNRESET/i.test(
        e.message,
      )
    )
      return true;
  }
  return false;
}

/** PostgreSQL's code inside an error of Prisma. */
function driverCodeOf(error: Error): string | undefined {
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: { originalCode?: string } } } };
  return meta?.driverAdapterError?.cause?.originalCode;
}

/** Whether an error is the violation of a unique index, and of which columns. */
export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === 'P2002' || codeOf(error) === '23505';
}

/** Whether an error says that a row refers to one that is not there. */
export const isForeignKeyViolation = (error: unknown): boolean => codeOf(error) === '23503';

function isDiskFull(error: unknown): boolean {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if (codeOf(e) === '53100' || driverCodeOf(e) === '53100') return true;
  }
  return false;
}

/** The failure that callers see while the database is away. */
export const databaseAway = (cause: unknown): DomainError =>
  new DomainError(
    'unavailable',
    'databaseAway',
    isDiskFull(cause)
      ? 'The disk is full. Free some space in the data folder; it goes on by itself then.'
      : 'The database cannot be reached at the moment. Try again in a few seconds.',
    { cause },
  );

/** How `pg` connects to a DATABASE_URL. Accepts `?host=/folder` of a Unix socket as libpq does. */
export function connectionOptions(url: string): pg.PoolConfig {
  const parsed = new URL(url);
  const socket = parsed.searchParams.get('host');
  if (socket === null) return { connectionString: url };
  return {
    host: socket,
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database: parsed.pathname.slice(1),
  };
}
