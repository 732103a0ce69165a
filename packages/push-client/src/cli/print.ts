import type { Writable } from 'node:stream';
import type { Block } from '../block.js';

/** Writes events, each once the one before has left this program: slow readers hold up the service. */
export class Printer {
  readonly #out: Writable;
  readonly #raw: boolean;

  constructor(out: Writable, raw: boolean) {
    this.#out = out;
    this.#raw = raw;
  }

  /** @returns whether it was written: not when whoever reads has gone */
  print(block: Block): Promise<boolean> {
    const text = this.#raw ? raw(block) : pretty(block);
    return new Promise((resolve) => {
      this.#out.write(`${text}\n`, (error) => resolve(error === undefined || error === null));
    });
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
