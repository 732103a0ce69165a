import type { z } from 'zod';
import type { ChannelMessage } from './message.js';

export interface HandlerContext {
  /** Aborted when the time limit of this attempt is over. A handler that goes on all the same is left to itself: the
   * next attempt is another object’s. */
  readonly signal: AbortSignal;
  /** Says something about this handler's work, on stderr. */
  readonly log: (text: string) => void;
}

/** Where a batch is from. */
export interface BatchContext extends HandlerContext {
  readonly channel: number;
  /** Key that was asked for. */
  readonly firstKey: number;
  /**
   * Key that will be asked for when this batch is done. A channel’s keys have no gaps, and deleting takes the smallest
   * ones: so the last message has the key in front of this one, and so on. (A service whose keys have gaps gives the
   * same numbers only to the same batch.)
   */
  readonly nextKey: number;
}

/**
 * What is done with a channel's messages. A subclass has `static readonly options`, a zod schema of an object; the
 * receiver makes the object with options that the schema has checked. Each option should have a `describe` text: the
 * command line's help shows it.
 */
export abstract class Handler<Options = unknown> {
  protected readonly options: Options;

  constructor(options: Options) {
    this.options = options;
  }

  /**
   * Handles a batch, oldest message first. It returns when every message is safe; when it throws, or takes longer than
   * its time limit, the whole batch is given to it again. So a message may come more than once, but none is skipped.
   * Two batches are never handled at the same time by one handler.
   * @throws PermanentError when trying again is of no use: the receiver stops
   */
  abstract handle(messages: readonly ChannelMessage[], context: BatchContext): Promise<void>;

  /** Before the first batch: opens what it needs. When it throws, it is tried again like a batch. */
  start?(context: HandlerContext): Promise<void>;

  /** After the last batch, also when `start` failed: closes what it has opened. */
  stop?(): Promise<void>;
}

/** Trying again is of no use, such as a wrong password: the receiver stops, and says why. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}

/** The class of a handler, as the registry keeps it and as a handler's own file exports it. */
export interface HandlerClass {
  new (options: never): Handler;
  /** Schema of an object: names of options in camelCase. */
  readonly options: z.ZodType;
  /** What it does, in a few words: for the help. */
  readonly summary?: string;
}
