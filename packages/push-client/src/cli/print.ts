import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Block } from '../block.js';

/** Writes events; resolves when they have left this program, so that slow readers hold up the service. */
export class Printer {
  readonly #out: Writable;
  readonly #raw: boolean;

  constructor(out: Writable, raw: boolean) {
    this.#out = out;
    this.#raw = raw;
  }

  async print(block: Block): Promise<void> {
    const text = this.#raw ? raw(block) : pretty(block);
    if (!this.#out.write(`${text}\n`)) await once(this.#out, 'drain');
  }
}

/** What is no document of events is one line of JSON, too: its text. */
function raw({ messages, text }: Block): string {
  return messages.length === 0
    ? JSON.stringify(text)
    : messages.map((message) => JSON.stringify(message)).join('\n');
}

const pretty = ({ format, document, text }: Block): string =>
  format === 'json' && document !== undefined ? JSON.stringify(document, null, 4) : text;
