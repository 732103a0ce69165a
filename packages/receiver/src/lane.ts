import { setTimeout as delay } from 'node:timers/promises';
import { Backoff, reasonOf } from '@polyrelay/essentials';
import { ReceiverError } from './errors.js';
import {
  type BatchContext,
  type Handler,
  type HandlerClass,
  type HandlerContext,
  PermanentError,
} from './handler.js';
import type { ChannelMessage } from './message.js';

export interface LaneOptions {
  /** In the log and the metrics. */
  name: string;
  /** Seconds one attempt may take. */
  handleTimeout: number;
  /** Attempts after the first one; undefined: until it works. */
  retries?: number | undefined;
  /** Greatest waiting time between attempts, in seconds. */
  retryDelay: number;
}

/** Where a batch is from. */
export type Batch = Omit<BatchContext, keyof HandlerContext>;

/** One attempt of a handler. */
export interface Attempt {
  handler: string;
  seconds: number;
  /** Why it failed. */
  failure: string | undefined;
}

type Work = (handler: Handler, context: HandlerContext) => Promise<void> | undefined;

/** A handler that was told to end has this long. */
const GRACE_MS = 5_000;
/** The same failure is told again after so long. */
const TOLD_MS = 60_000;

/** One handler, its attempts, and its end. */
export class Lane {
  readonly name: string;
  readonly #make: () => Handler;
  readonly #options: LaneOptions;
  /** No more attempts: the one under way is the last. */
  readonly #stopping: AbortSignal;
  readonly #log: (text: string) => void;
  readonly #onAttempt: (attempt: Attempt) => void;
  #handler: Handler | undefined;

  constructor(
    type: HandlerClass,
    handlerOptions: unknown,
    options: LaneOptions,
    stopping: AbortSignal,
    tell: { log: (text: string) => void; attempt: (attempt: Attempt) => void },
  ) {
    this.name = options.name;
    this.#make = () => new type(handlerOptions as never);
    this.#options = options;
    this.#stopping = stopping;
    this.#log = (text) => tell.log(`${options.name}: ${text}`);
    this.#onAttempt = tell.attempt;
  }

  /** Opens the handler. @returns false when it was stopped before. @throws ReceiverError `HANDLER` */
  start(): Promise<boolean> {
    return this.#untilDone(() => undefined);
  }

  /** Hands a batch over until it is taken. @returns false when it was stopped before. @throws as `start` */
  handle(messages: readonly ChannelMessage[], batch: Batch): Promise<boolean> {
    return this.#untilDone((handler, context) => handler.handle(messages, { ...context, ...batch }));
  }

  /** Closes the handler, as long as it does not take long. */
  async stop(): Promise<void> {
    const handler = this.#handler;
    this.#handler = undefined;
    if (handler === undefined) return;
    const closing = (async () => handler.stop?.())();
    const ended = await settled(closing, GRACE_MS);
    if (ended === undefined) this.#log('it does not close');
    else if (ended.failure !== undefined) this.#log(`it could not be closed: ${reasonOf(ended.failure)}`);
  }

  async #untilDone(work: Work): Promise<boolean> {
    const maxMs = this.#options.retryDelay * 1000;
    const backoff = new Backoff(Math.min(1000, maxMs), maxMs);
    const told = { reason: '', at: Number.NEGATIVE_INFINITY };
    for (let attempt = 1; ; attempt += 1) {
      const reason = await this.#attempt(work);
      if (reason === undefined) {
        if (attempt > 1) this.#log(`works again, at attempt ${attempt}`);
        return true;
      }
      if (this.#stopping.aborted) return false;
      if (attempt > (this.#options.retries ?? Number.POSITIVE_INFINITY))
        throw new ReceiverError(
          'HANDLER',
          `${this.name} failed ${attempt === 1 ? 'once' : `${attempt} times`}: ${reason}`,
        );
      const waitMs = backoff.next();
      if (reason !== told.reason || performance.now() - told.at > TOLD_MS) {
        this.#log(`attempt ${attempt} failed: ${reason}. Trying again`);
        Object.assign(told, { reason, at: performance.now() });
      }
      await delay(waitMs, undefined, { signal: this.#stopping }).catch(() => {});
      if (this.#stopping.aborted) return false;
    }
  }

  /** @returns why it failed, or undefined */
  async #attempt(work: Work): Promise<string | undefined> {
    const { handleTimeout } = this.#options;
    const began = performance.now();
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(new Error(`it took longer than ${handleTimeout} s`)),
      handleTimeout * 1000,
    );
    let failure: string | undefined;
    try {
      await this.#run(work, limit.signal);
    } catch (error) {
      if (error instanceof PermanentError)
        throw new ReceiverError('HANDLER', `${this.name}: ${error.message}`, { cause: error });
      failure = reasonOf(error) || 'it gave no reason';
    } finally {
      clearTimeout(timer);
    }
    this.#onAttempt({ handler: this.name, seconds: (performance.now() - began) / 1000, failure });
    return failure;
  }

  async #run(work: Work, signal: AbortSignal): Promise<void> {
    const context = { signal, log: this.#log };
    const working = (async () => work(await this.#open(context), context))();
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    try {
      await Promise.race([working, aborted]);
    } catch (error) {
      if (!signal.aborted) throw error;
      const ended = await settled(working, GRACE_MS);
      if (ended !== undefined && ended.failure === undefined) return;
      // It may still work on the batch: the next attempt is another object's.
      if (ended === undefined) await this.stop();
      throw error;
    }
  }

  async #open(context: HandlerContext): Promise<Handler> {
    if (this.#handler !== undefined) return this.#handler;
    const handler = this.#made();
    this.#handler = handler;
    try {
      await handler.start?.(context);
    } catch (error) {
      if (this.#handler === handler) await this.stop();
      throw error;
    }
    return handler;
  }

  #made(): Handler {
    try {
      return this.#make();
    } catch (error) {
      throw new PermanentError(reasonOf(error), { cause: error });
    }
  }
}

/** How a promise ends; undefined when that takes longer. */
async function settled(work: Promise<unknown>, ms: number): Promise<{ failure?: unknown } | undefined> {
  const timer = new AbortController();
  const late = delay(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  const end = work.then(
    () => ({}),
    (failure: unknown) => ({ failure: failure ?? new Error('it gave no reason') }),
  );
  try {
    return await Promise.race([end, late]);
  } finally {
    timer.abort();
  }
}
