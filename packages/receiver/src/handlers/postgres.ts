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
  connectTimeout: z
    .number()
    .positive()
    .max(600)
    .default(10)
    .describe('seconds to wait for a connection (10)'),
});

/** Sign-in refused, no such database, no right, a table with other columns: trying again is of no use. */
const PERMANENT = /^(28|3D|3F|42)/;
/** What `jsonb` does not take, such as \u0000 in a text: class “data exception”. */
const DATA = /^22/;

/**
 * Inserts each message as a row. A message that comes again is stored once: it is known by its key, counted back from
 * the end of its batch (counted from the first one, what is deleted meanwhile would move it), and by its content. The
 * content is for services whose keys have gaps: there, a message may be stored twice when its batch comes again with
 * more in it, but none is taken for another.
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
    const values = [context.channel, ...columnsOf(messages, context.nextKey)];
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
    key bigint NOT NULL,
    digest bytea NOT NULL,
    ident text NOT NULL,
    "timestamp" double precision NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    message jsonb,
    raw text,
    PRIMARY KEY (channel, key, digest)
  )`;

const insertSql = (table: string, message: string, raw = 'NULL'): string => `
  INSERT INTO ${table} (channel, key, digest, ident, "timestamp", message, raw)
  SELECT $1, key, digest, ident, seconds, ${message}, ${raw}
  FROM unnest($2::bigint[], $3::bytea[], $4::text[], $5::float8[], $6::text[])
    AS batch (key, digest, ident, seconds, text)
  ON CONFLICT DO NOTHING`;

/** Key, digest, ident, timestamp and text of each message. */
function columnsOf(messages: readonly ChannelMessage[], nextKey: number): unknown[][] {
  const texts = messages.map(jsonOf);
  return [
    messages.map((_, index) => nextKey - messages.length + index),
    texts.map((text) => createHash('sha256').update(text).digest()),
    messages.map(({ ident }) => ident),
    messages.map(({ timestamp }) => timestamp),
    texts,
  ];
}
