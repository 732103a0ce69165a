import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** How a process ended, and what it said. */
export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** A process, and what it says. */
export class Running {
  readonly child: ChildProcess;
  out = '';
  err = '';
  readonly #ended: Promise<unknown>;
  readonly #waiting = new Set<() => void>();

  constructor(child: ChildProcess) {
    this.child = child;
    this.#ended = once(child, 'close');
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
      for (const look of this.#waiting) look();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
      for (const look of this.#waiting) look();
    });
  }

  /** Resolves once it has said that. */
  said(what: RegExp | string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (
          !(typeof what === 'string' ? (this.out + this.err).includes(what) : what.test(this.out + this.err))
        )
          return;
        this.#waiting.delete(look);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(
        () => reject(new Error(`It did not say ${what}, but:\n${this.out}${this.err}`)),
        15_000,
      );
      this.#waiting.add(look);
      look();
    });
  }

  async ended(): Promise<Ran> {
    await this.#ended;
    return { code: this.child.exitCode, out: this.out, err: this.err };
  }

  kill(signal: NodeJS.Signals): Promise<Ran> {
    this.child.kill(signal);
    return this.ended();
  }
}
