import type { WorkerMessage } from '@polyrelay/contract';
import { NodeServerError } from './errors.js';
import type { AddNodeMessage } from './outbox.js';

interface Addition {
  message: AddNodeMessage;
  resolve: () => void;
  reject: (reason: Error) => void;
  timer: NodeJS.Timeout;
}

/** HTTP-like code of an answer for a node that was there already; the node is usable. */
const EXISTS = 400;

/** Nodes that were sent and not answered yet. */
export class Additions {
  readonly #waiting = new Map<string, Addition[]>();
  readonly #push: (message: AddNodeMessage) => void;
  readonly #connected: () => boolean;
  readonly #timeoutMs: number;

  constructor(push: (message: AddNodeMessage) => void, connected: () => boolean, timeoutMs: number) {
    this.#push = push;
    this.#connected = connected;
    this.#timeoutMs = timeoutMs;
  }

  /** Sends `addnode` and resolves with the service's answer. */
  add(message: AddNodeMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      const addition: Addition = { message, resolve, reject, timer: setTimeout(() => {}, 0) };
      this.#arm(addition);
      const waiting = this.#waiting.get(message.address) ?? [];
      this.#waiting.set(message.address, [...waiting, addition]);
      this.#push(message);
    });
  }

  has(address: string): boolean {
    return this.#waiting.has(address);
  }

  /** An answer may have been lost with the old connection, and adding twice does no harm. */
  repeat(): void {
    for (const additions of this.#waiting.values()) {
      const newest = additions.at(-1);
      if (newest) this.#push(newest.message);
    }
  }

  answer(result: NonNullable<WorkerMessage['result']>): void {
    for (const answer of [result.addnode ?? []].flat()) {
      const { success, address, reason } = answer;
      const usable = success || ('statusCode' in answer && answer.statusCode === EXISTS);
      for (const addition of this.#take(address)) {
        if (usable) addition.resolve();
        else {
          const problem = `The service did not take node ${address}: ${reason ?? 'it gave no reason'}`;
          addition.reject(new NodeServerError('NODE_REFUSED', problem));
        }
      }
    }
  }

  clear(reason: Error): void {
    for (const address of [...this.#waiting.keys()]) {
      for (const addition of this.#take(address)) addition.reject(reason);
    }
  }

  #take(address: string): Addition[] {
    const additions = this.#waiting.get(address) ?? [];
    this.#waiting.delete(address);
    for (const { timer } of additions) clearTimeout(timer);
    return additions;
  }

  #arm(addition: Addition): void {
    clearTimeout(addition.timer);
    addition.timer = setTimeout(() => {
      // While the service is away nothing is late.
      if (!this.#connected()) return this.#arm(addition);
      this.#take(addition.message.address);
      const seconds = this.#timeoutMs / 1000;
      const problem = `No answer for node ${addition.message.address} within ${seconds} s`;
      addition.reject(new NodeServerError('NODE_TIMEOUT', `${problem}: see the service’s log`));
    }, this.#timeoutMs);
  }
}
