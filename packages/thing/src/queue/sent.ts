import { ThingError } from '../errors.js';
import type { Queue } from './queue.js';
import type { RefusedFile } from './refused.js';
import type { Sender } from './sender.js';

interface Following {
  /** Its file in the queue. */
  name: string | undefined;
  done: Promise<void>;
  resolve: () => void;
  reject: (reason: Error) => void;
}

/** So many are remembered after they were sent, for those who ask late. */
const REMEMBERED = 1000;

/** Follows messages until they are sent, by this process or by another. */
export class Sent {
  readonly #queue: Queue;
  readonly #refused: RefusedFile;
  readonly #open = new Map<string, Following>();
  readonly #done = new Map<string, Promise<void>>();

  constructor(queue: Queue, sender: Sender, refused: RefusedFile) {
    this.#queue = queue;
    this.#refused = refused;
    sender.on('collected', (id) => this.#end(id));
    sender.on('refused', (id, reason) => this.#end(id, reason));
    sender.on('pass', () => void this.#look());
  }

  /** Begins to follow, before the message can be sent. @throws what the writing throws */
  async add(id: string, writing: Promise<string>): Promise<void> {
    const following = this.#open.get(id) ?? open();
    this.#open.set(id, following);
    try {
      following.name = await writing;
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
  }

  wait(id: string): Promise<void> {
    const found = this.#open.get(id)?.done ?? this.#done.get(id);
    return found ?? Promise.reject(new ThingError('PAYLOAD', `${id} was not collected by this process`));
  }

  giveUp(error: Error): void {
    for (const { reject } of this.#open.values()) reject(error);
    this.#open.clear();
  }

  /** Files that are gone were sent by another process. */
  async #look(): Promise<void> {
    if (this.#open.size === 0) return;
    const before = [...this.#open].filter(([, { name }]) => name !== undefined);
    const names = new Set(await this.#queue.list().catch(() => before.map(([, { name }]) => name as string)));
    const gone = before.filter(([id, { name }]) => !names.has(name as string) && this.#open.has(id));
    if (gone.length === 0) return;
    const refusals = new Map((await this.#refused.all()).map(({ id, reason }) => [id, reason]));
    for (const [id] of gone) this.#end(id, refusals.get(id));
  }

  #end(id: string, refusal?: string): void {
    const following = this.#open.get(id);
    if (following === undefined) return;
    this.#open.delete(id);
    this.#done.set(id, following.done);
    const [oldest] = this.#done.keys();
    if (this.#done.size > REMEMBERED && oldest !== undefined) this.#done.delete(oldest);
    if (refusal === undefined) following.resolve();
    else following.reject(new ThingError('REFUSED', refusal));
  }
}

function open(): Following {
  let resolve = () => {};
  let reject: (reason: Error) => void = () => {};
  const done = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Most callers do not wait.
  done.catch(() => {});
  return { name: undefined, done, resolve, reject };
}
