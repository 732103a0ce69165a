import { reasonOf } from './errors.js';
import type { Logger } from './log.js';

/** Runs the author's code: an error in it is logged and ends nothing else. */
export class Hooks {
  readonly #log: Logger;
  /** The last job of each node, so that commands of one node stay in order and nodes do not wait for others. */
  readonly #last = new Map<string, Promise<boolean>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Resolves with whether it went well. */
  async run(what: string, work: () => unknown): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#log.error(
        `${what} failed: %s`,
        error instanceof Error ? (error.stack ?? error.message) : reasonOf(error),
      );
      return false;
    }
  }

  /** Like `run`, after everything queued for that node before. */
  queue(address: string, what: string, work: () => unknown): Promise<boolean> {
    const before = this.#last.get(address) ?? Promise.resolve(true);
    const job = before.then(() => this.run(what, work));
    this.#last.set(address, job);
    void job.then(() => {
      if (this.#last.get(address) === job) this.#last.delete(address);
    });
    return job;
  }
}

/** Resolves when the work is done or the time is over, whichever comes first. */
export const within = async (milliseconds: number, work: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work.catch(() => {}), over]);
  clearTimeout(timer);
};
