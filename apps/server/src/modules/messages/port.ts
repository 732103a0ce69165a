import type { Readable } from 'node:stream';
import { Id, type Message, type MessageRange } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import { archiveOf, noMessages } from './archive/archive.js';
import type { PresentFile } from './archive/columns.js';
import { readPayload } from './collect/payload.js';
import { type Collected, CollectWriter } from './collect/writer.js';
import { deleteMessages } from './commands/delete.js';
import type { Delivery } from './delivery/delivery.js';
import { type HeadFilter, type MessageHead, readHeads } from './heads.js';
import { newMessageId } from './ids.js';
import { presentMessage } from './present.js';
import { findMessage, type Range, readTexts, readWhole } from './store.js';

/** A thing as messages need it. */
export interface MessageThing {
  id: string;
  ownerId: string;
  name: string;
}

/** A page of whole messages holds no more than this. */
const PAGE_BYTES = 16 * 1024 * 1024;

/** Messages as other modules see them. */
export class MessagesPort {
  readonly #app: FastifyInstance;
  readonly writer: CollectWriter;
  readonly #delivery: Delivery;

  constructor(app: FastifyInstance, delivery: Delivery) {
    this.#app = app;
    this.writer = new CollectWriter(app);
    this.#delivery = delivery;
  }

  /**
   * Stores a message that a thing sent. Resolves when it is committed.
   * @param json the payload's JSON text, checked for size and depth here
   * @param options.id chosen by the thing, so that a message it sends again is stored once
   * @throws invalid, tooLarge, forbidden `overLimit` and `thingDisabled`, conflict `idTaken` (another thing's),
   *   notFound when the thing was deleted meanwhile
   */
  async collect(thing: MessageThing, json: string, options: { id?: string } = {}): Promise<Collected> {
    const payload = readPayload(json);
    const id = options.id === undefined ? newMessageId() : chosenId(options.id);
    const result = await this.writer.writeOne({ id, thingId: thing.id, ownerId: thing.ownerId, ...payload });
    if (result instanceof DomainError) throw result;
    return result;
  }

  /**
   * Stores a message to a thing and hands it over, now or when the thing comes. Resolves when it is committed.
   * @param json the payload's JSON text, checked for size and depth here
   * @throws tooLarge, invalid, notFound, conflict `thingDisabled`, forbidden `overLimit`
   */
  publish(thing: MessageThing, json: string): Promise<Message> {
    return this.#delivery.publish(thing, json);
  }

  /** Messages of a thing, oldest first, a page at a time: those behind the message `after`. A page of long ones is shorter; the last one is empty. */
  async read(
    thing: MessageThing,
    range: MessageRange,
    page: { after?: string; limit: number },
  ): Promise<Message[]> {
    const { pool } = this.#app.database;
    const place = page.after === undefined ? undefined : await findMessage(pool, thing.id, page.after);
    const rows = await readWhole(pool, rangeOf(thing, range), {
      place,
      limit: page.limit,
      bytes: PAGE_BYTES,
    });
    return rows.map(presentMessage);
  }

  /** A part of what things sent, without payloads, and how many there are (counted up to a bound). */
  collected(
    thingIds: string[],
    filter: HeadFilter,
    part: { offset: number; limit: number },
  ): Promise<{ heads: MessageHead[]; total: number }> {
    return readHeads(this.#app.database.pool, thingIds, filter, part);
  }

  /** JSON texts of messages by their ids, whoever’s they are; those that are gone are left out. */
  texts(ids: readonly string[]): Promise<Map<string, string>> {
    return readTexts(this.#app.database.pool, ids);
  }

  /** Deletes messages of a thing. @returns how many */
  delete(thing: MessageThing, range: MessageRange): Promise<number> {
    return deleteMessages(this.#app, thing.ownerId, rangeOf(thing, range));
  }

  /**
   * A zip with one `<messageId>.json` a message, oldest first, streamed: it is made while it is read. `present` says
   * once what a file holds, of columns in whose place each message's values are put, and of values that stay the same.
   * Fails before its first byte with notFound `noMessages`, see {@link requireMessages}.
   */
  archive(thing: MessageThing, range: MessageRange, present: PresentFile): Readable {
    return archiveOf(this.#app.database.pool, rangeOf(thing, range), present);
  }

  /** Says before an answer begins that there is nothing to send. @throws notFound `noMessages` */
  async requireMessages(thing: MessageThing, range: MessageRange): Promise<void> {
    const rows = await readWhole(this.#app.database.pool, rangeOf(thing, range), { limit: 1, bytes: 1 });
    if (rows.length === 0) throw noMessages();
  }
}

/** What a user asked for, of a thing. */
export const rangeOf = (thing: { id: string }, { type, from, to }: MessageRange): Range => ({
  thingId: thing.id,
  type,
  from: from === undefined ? undefined : new Date(from),
  to: to === undefined ? undefined : new Date(to),
});

/** @throws invalid `invalidId` */
function chosenId(id: string): string {
  if (Id.safeParse(id).success) return id.toLowerCase();
  throw new DomainError('invalid', 'invalidId', 'The id of a message is a UUID.');
}
