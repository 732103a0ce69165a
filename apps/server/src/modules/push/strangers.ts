import type { Socket } from 'node:net';

/** A connection that has not signed in. */
export interface Stranger {
  readonly socket: Socket;
  readonly address: string;
  /** When it is ended, on the process’s own clock. */
  deadline: number;
}

/** Connections that have not signed in: bounded in number, altogether and of one address, and in time. */
export class Strangers {
  readonly #max: number;
  readonly #maxOfAddress: number;
  readonly #all = new Set<Stranger>();
  readonly #ofAddress = new Map<string, number>();

  constructor({ strangers, strangersOfAddress }: { strangers: number; strangersOfAddress: number }) {
    this.#max = strangers;
    this.#maxOfAddress = strangersOfAddress;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Takes one in; undefined: there are too many. */
  admit(socket: Socket, address: string, deadline: number): Stranger | undefined {
    const count = this.#ofAddress.get(address) ?? 0;
    if (this.#all.size >= this.#max || count >= this.#maxOfAddress) return undefined;
    const stranger = { socket, address, deadline };
    this.#all.add(stranger);
    this.#ofAddress.set(address, count + 1);
    return stranger;
  }

  /** It has signed in, or is gone; told twice it is gone once. */
  leave(stranger: Stranger): void {
    if (!this.#all.delete(stranger)) return;
    const left = (this.#ofAddress.get(stranger.address) ?? 1) - 1;
    if (left === 0) this.#ofAddress.delete(stranger.address);
    else this.#ofAddress.set(stranger.address, left);
  }

  /** Ends those whose time is over. @returns how many */
  sweep(now: number): number {
    const late = [...this.#all].filter(({ deadline }) => deadline <= now);
    for (const stranger of late) {
      stranger.socket.destroy();
      this.leave(stranger);
    }
    return late.length;
  }

  endAll(): void {
    this.sweep(Number.POSITIVE_INFINITY);
  }
}
