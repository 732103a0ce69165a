import { NodeServerError } from './errors.js';
import type { Wire } from './wire.js';

/** The connection of a node server that may not be there yet. */
export class Line {
  #wire: Wire | undefined;

  get connected(): boolean {
    return this.#wire?.connected ?? false;
  }

  use(wire: Wire): void {
    this.#wire = wire;
  }

  /** @throws NodeServerError `NOT_STARTED` */
  async publish(keys: Record<string, unknown>, to?: 'ns' | 'isy'): Promise<void> {
    await this.#opened().send(keys, to);
  }

  publishLog(payload: string | Buffer, part: 'line' | 'file'): Promise<void> {
    return this.#opened().publishLog(payload, part);
  }

  /** Resolves when everything published so far was acknowledged. */
  async drain(): Promise<void> {
    await this.#wire?.drain();
  }

  async close(): Promise<void> {
    await this.#wire?.close();
  }

  #opened(): Wire {
    if (this.#wire) return this.#wire;
    throw new NodeServerError('NOT_STARTED', 'The node server was not started: await start() first');
  }
}
