import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Backoff, type Lock, reasonOf } from '@polyrelay/essentials';
import type { QueuedMessage } from './batch.js';
import type { Attempt, Poster } from './post.js';
import type { Batch, Queue } from './queue.js';
import type { RefusedFile } from './refused.js';

/** How a pass over the queue ended. `busy`: another process sends. */
export type Pass =
  | { state: 'empty' | 'busy' | 'stopped' }
  | { state: 'waiting'; reason: string; status?: number; retryAfterMs?: number };

/** Another process is asked this often whether it is done, and its messages are looked for. */
const BUSY_MS = 200;
const LOOK_MS = 5000;

interface SenderEvents {
  collected: [id: string];
  refused: [id: string, reason: string];
  pass: [Pass];
}

/** Sends the queue in order, one message after the other, by one process at a time. */
export class Sender extends EventEmitter<SenderEvents> {
  readonly #queue: Queue;
  readonly #poster: Poster;
  readonly #refused: RefusedFile;
  readonly #lock: Lock;
  readonly #stopped = new AbortController();
  readonly #backoff = new Backoff();
  #wake: AbortController | undefined;
  #running: Promise<void> | undefined;
  #kicked = false;
  #look: NodeJS.Timeout | undefined;

  constructor(queue: Queue, poster: Poster, refused: RefusedFile, lock: Lock) {
    super();
    this.#queue = queue;
    this.#poster = poster;
    this.#refused = refused;
    this.#lock = lock;
  }

  /** There is something to send. While it waits after a failure it goes on waiting. */
  kick(): void {
    this.#kicked = true;
    if (!this.#stopped.signal.aborted) this.#running ??= this.#run();
  }

  /** The way to the service is open again: do not wait any longer. */
  hurry(): void {
    this.#backoff.reset();
    this.#wake?.abort();
    this.kick();
  }

  /** Sends what other processes leave behind, too. */
  keepLooking(): void {
    this.#look = setInterval(() => this.kick(), LOOK_MS);
    this.#look.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#look);
    this.#stopped.abort();
    await this.#running;
    this.#poster.close();
  }

  async #run(): Promise<void> {
    for (;;) {
      this.#kicked = false;
      const pass = await this.#pass().catch(
        (error: unknown): Pass => ({ state: 'waiting', reason: reasonOf(error) }),
      );
      // Something may have been added after the last look at the folder.
      if (pass.state === 'empty' && this.#kicked) continue;
      if (pass.state === 'empty' || this.#stopped.signal.aborted) {
        this.#backoff.reset();
        this.#running = undefined;
        this.emit('pass', pass);
        return;
      }
      this.emit('pass', pass);
      const wait =
        pass.state === 'waiting'
          ? Math.max(this.#backoff.next(), Math.min(pass.retryAfterMs ?? 0, 300_000))
          : BUSY_MS;
      await this.#pause(wait);
    }
  }

  async #pause(ms: number): Promise<void> {
    this.#wake = new AbortController();
    const wake = () => this.#wake?.abort();
    this.#stopped.signal.addEventListener('abort', wake);
    if (this.#stopped.signal.aborted) wake();
    await delay(ms, undefined, { signal: this.#wake.signal }).catch(() => {});
    this.#stopped.signal.removeEventListener('abort', wake);
    this.#wake = undefined;
  }

  async #pass(): Promise<Pass> {
    if ((await this.#queue.list()).length === 0) return { state: 'empty' };
    if (!(await this.#lock.take())) return { state: 'busy' };
    try {
      for (;;) {
        const names = await this.#queue.list();
        if (names.length === 0) return { state: 'empty' };
        for (const name of names) {
          const end = await this.#sendFile(name);
          if (end !== undefined) return end;
        }
      }
    } finally {
      await this.#lock.release();
    }
  }

  async #sendFile(name: string): Promise<Pass | undefined> {
    const batch = await this.#queue.read(name);
    if (batch === undefined) return undefined;
    let { sent } = batch;
    for (const message of batch.messages) {
      if (this.#stopped.signal.aborted) return { state: 'stopped' };
      if (!(await this.#lock.isOwn())) return { state: 'busy' };
      const attempt = await this.#poster.send(message, this.#stopped.signal);
      if (this.#stopped.signal.aborted && attempt.kind === 'again') return { state: 'stopped' };
      if (attempt.kind === 'again') return { ...attempt, state: 'waiting' };
      this.#backoff.reset();
      await this.#finish(message, attempt);
      sent += 1;
      if (sent < batch.sent + batch.messages.length) await this.#queue.progress(name, sent);
      else await this.#end(name, batch);
      this.#tell(message, attempt);
    }
    if (batch.messages.length === 0) await this.#end(name, batch);
    return undefined;
  }

  async #finish({ id, at, json }: QueuedMessage, attempt: Attempt): Promise<void> {
    if (attempt.kind !== 'refused') return;
    await this.#refused.add({ id, at, reason: attempt.reason, payload: JSON.parse(json) });
  }

  #tell({ id }: QueuedMessage, attempt: Attempt): void {
    if (attempt.kind === 'refused') this.emit('refused', id, attempt.reason);
    else this.emit('collected', id);
  }

  async #end(name: string, { garbled }: Batch): Promise<void> {
    for (const line of garbled)
      await this.#refused.add({
        id: undefined,
        at: new Date().toISOString(),
        reason: 'The line in the queue cannot be read',
        line,
      });
    await this.#queue.drop(name);
  }
}
