import type { Readable } from 'node:stream';
import type { Message, MessageRange } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';

/** A thing as messages need it. */
export interface MessageThing {
  id: string;
  ownerId: string;
  name: string;
}

/** Messages as other modules see them. */
export class MessagesPort {
  readonly #app: FastifyInstance;

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  /**
   * Stores a message that a thing sent. Resolves when it is committed.
   * @param json the payload's JSON text, checked for size and depth here
   * @param options.id chosen by the thing, so that a message it sends again is stored once
   * @throws invalid, tooLarge, forbidden `overLimit`, conflict `idTaken` (another thing's), notFound when the thing
   *   was deleted meanwhile
   */
  collect(
    _thing: MessageThing,
    _json: string,
    _options: { id?: string } = {},
  ): Promise<{ id: string; at: Date }> {
    throw new Error(`not built yet: ${this.#app.version}`);
  }

  /** Stores a message to a thing and hands it over, now or when the thing comes. Resolves when it is committed. */
  publish(_thing: MessageThing, _json: string): Promise<Message> {
    throw new Error('not built yet');
  }

  /** Messages of a thing, oldest first, a page at a time: those after `after`. */
  read(
    _thing: MessageThing,
    _range: MessageRange,
    _page: { after?: string; limit: number },
  ): Promise<Message[]> {
    throw new Error('not built yet');
  }

  /** Deletes messages of a thing. @returns how many */
  delete(_thing: MessageThing, _range: MessageRange): Promise<number> {
    throw new Error('not built yet');
  }

  /** A zip with one `<messageId>.json` a message, streamed. `present` makes a file's content of a message. */
  archive(_thing: MessageThing, _range: MessageRange, _present: (message: Message) => unknown): Readable {
    throw new Error('not built yet');
  }
}
