import { deflateSync } from 'node:zlib';
import type { PushMessage } from '../types.js';
import type { PayloadFormat } from './types.js';

/** The standard document: `Msg` is an object for one event and a list for several. */
export function documentOf(
  messages: readonly PushMessage[],
  formatType: PayloadFormat['formatType'],
): string {
  const texts = messages.map((message) => message[formatType]);
  if (formatType === 'xml')
    return `<?xml version="1.0" encoding="UTF-8"?><Document>${texts.join('')}</Document>`;
  return `{"Document":{"Msg":${texts.length === 1 ? texts[0] : `[${texts.join(',')}]`}}}`;
}

/** Payloads of single messages: as long as the message lives, made once whoever sends it. */
export class Payloads {
  readonly #single = new WeakMap<PushMessage, Map<string, Buffer>>();

  /** @param render the document as text */
  of(messages: readonly PushMessage[], format: PayloadFormat, render: () => string): Buffer {
    const [message] = messages;
    if (message === undefined || messages.length > 1) return bytesOf(render(), format);
    let kept = this.#single.get(message);
    if (kept === undefined) {
      kept = new Map();
      this.#single.set(message, kept);
    }
    const template = format.schemaType === null ? '' : format.schemaData;
    const key = `${format.formatType} ${format.compression} ${template}`;
    let payload = kept.get(key);
    if (payload === undefined) {
      payload = bytesOf(render(), format);
      kept.set(key, payload);
    }
    return payload;
  }
}

const bytesOf = (text: string, { compression }: PayloadFormat): Buffer =>
  compression === 'zlib' ? deflateSync(text) : Buffer.from(text);
