import { createHash } from 'node:crypto';
import { codeOf, reasonOf } from '@polyrelay/essentials';
import pg from 'pg';
import { z } from 'zod';
import { type BatchContext, Handler, type HandlerContext, PermanentError } from '../handler.js';
import { type ChannelMessage, jsonOf } from '../message.js';

const NAME = /^[\p{L}_][\p{L}\p{N}_$]{0,62}$/u;

const Options = z.strictObject({
  url: z
    .url({
      protocol: /^postgres(ql)?$/,
      error: 'give an address such as postgresql://user:password@host/database',
    })
    .describe('database, such as postgresql://user:password@host/database'),
  table: z
    .string()
    .refine((table) => table.split('.').length <= 2 && table.split('.').every((part) => NAME.test(part)), {
      error: 'give the name of a table, or schema.table',
    })
    .default('channel_messages')
    .describe('table, or schema.table; made when it is not there (channel_messages)'),
  connectTimeout: z.number().positive().max(600).default(10).describe('seconds to wait for a connection (10)'),
});

/** Sign-in refused, no such database, no right, a table with other columns: trying again is of no use. */
const PERMANENT = /^(28|3D|3F|42)/;
/** What `jsonb` does not take, such as \u0000 in a text: class “data exception”. */
const DATA = /^22/;

/**
 * Inserts each message as a row. A batch that comes again is stored once: the same message of the same batch is known
 * by the key that was asked for, its content, and how many of the same content were in front of it. Keys counted from
 * the first one would not do: what was deleted meanwhile would move them, and another message would be taken for one
 * that is there.
 */
export class PostgresHandler extends Handler<z.output<typeof Options>> {
  static readonly options = Options;
  static readonly summary = 'inserts each message as a row; a batch that comes again is stored once';

  readonly #pool = new pg.Pool({
    connectionString: this.options.url,
    max: 1,
    connectionTimeoutMillis: this.options.connectTimeout * 1000,
    application_name: 'polyrelay-receiver',
    keepAlive: true,
  }).on('error', () => undefined);
  readonly #table = this.options.table.split('.').map(pg.escapeIdentifier).join('.');

  override async start({ signal }: HandlerContext): Promise<void> {
    await this.#query(signal, (client) => client.query(tableSql(this.#table)));
  }

  async handle(messages: readonly ChannelMessage[], context: BatchContext): Promise<void> {
    const values = [context.channel, context.firstKey, ...columnsOf(messages)];
    const { signal, log } = context;
    await this.#query(signal, async (client) => {
      try {
        await client.query(insertSql(this.#table, 'text::jsonb'), values);
      } catch (error) {
        if (!DATA.test(codeOf(error) ?? '')) throw error;
        log(`a message is not what jsonb takes (${reasonOf(error)}): it is stored as text, in “raw”`);
        const valid = `pg_input_is_valid(text, 'jsonb')`;
        await client.query(
          insertSql(
            this.#table,
            `CASE WHEN ${valid} THEN text::jsonb END`,
            `CASE WHEN NOT ${valid} THEN text END`,
          ),
          values,
        );
      }
    });
  }

  override async stop(): Promise<void> {
    await this.#pool.end();
  }

  async #query(signal: AbortSignal, work: (client: pg.PoolClient) => Promise<unknown>): Promise<void> {
    try {
      await this.#withClient(signal, work);
    } catch (error) {
      signal.throwIfAborted();
      if (!PERMANENT.test(codeOf(error) ?? '')) throw error;
      throw new PermanentError(`${this.options.table}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** A connection with a fault, or a statement that is not waited for any more, is not used again. */
  async #withClient(signal: AbortSignal, work: (client: pg.PoolClient) => Promise<unknown>): Promise<void> {
    const client = await this.#pool.connect();
    let released = false;
    const release = (broken: boolean): void => {
      if (!released) client.release(broken);
      released = true;
    };
    const end = (): void => release(true);
    client.on('error', ignore);
    signal.addEventListener('abort', end);
    try {
      signal.throwIfAborted();
      await work(client);
      release(false);
    } finally {
      signal.removeEventListener('abort', end);
      release(true);
      client.off('error', ignore);
    }
  }
}

const ignore = (): void => undefined;

const tableSql = (table: string): string => `
  CREATE TABLE IF NOT EXISTS ${table} (
    channel bigint NOT NULL,
    batch_key bigint NOT NULL,
    position integer NOT NULL,
    digest bytea NOT NULL,
    repetition integer NOT NULL,
    ident text NOT NULL,
    "timestamp" double precision NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    message jsonb,
    raw text,
    PRIMARY KEY (channel, batch_key, digest, repetition)
  )`;

const insertSql = (table: string, message: string, raw = 'NULL'): string => `
  INSERT INTO ${table} (channel, batch_key, position, digest, repetition, ident, "timestamp", message, raw)
  SELECT $1, $2, position, digest, repetition, ident, seconds, ${message}, ${raw}
  FROM unnest($3::int[], $4::bytea[], $5::int[], $6::text[], $7::float8[], $8::text[])
    AS batch (position, digest, repetition, ident, seconds, text)
  ON CONFLICT DO NOTHING`;

/** Position, digest, repetition, ident, timestamp and text of each message. */
function columnsOf(messages: readonly ChannelMessage[]): unknown[][] {
  const seen = new Map<string, number>();
  const texts = messages.map(jsonOf);
  const digests = texts.map((text) => createHash('sha256').update(text).digest());
  const repetitions = digests.map((digest) => {
    const id = digest.toString('base64');
    const before = seen.get(id) ?? 0;
    seen.set(id, before + 1);
    return before;
  });
  return [
    messages.map((_, position) => position),
    digests,
    repetitions,
    messages.map(({ ident }) => ident),
    messages.map(({ timestamp }) => timestamp),
    texts,
  ];
}
