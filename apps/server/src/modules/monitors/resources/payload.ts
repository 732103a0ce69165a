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

/** Formats without a template: there are four. */
const PLAIN = (['json', 'xml'] as const).flatMap((formatType) =>
  (['none', 'zlib'] as const).map(
    (compression): PayloadFormat => ({ formatType, compression, schemaType: null, schemaData: '' }),
  ),
);

/** The format of a monitor; one object for all monitors of the same format, but for templates. */
export const formatOf = (monitor: PayloadFormat): PayloadFormat =>
  PLAIN.find((format) => isSame(format, monitor)) ?? monitor;

/** Payloads of single messages: as long as the message lives, made once whoever sends it. */
export class Payloads {
  readonly #single = new WeakMap<PushMessage, { format: PayloadFormat; payload: Buffer }[]>();

  /** @returns undefined: it was not made yet, or is none of a single message */
  kept(messages: readonly PushMessage[], format: PayloadFormat): Buffer | undefined {
    const [message] = messages;
    if (message === undefined || messages.length > 1) return undefined;
    const made = this.#single.get(message);
    return made?.find((one) => one.format === format || isSame(one.format, format))?.payload;
  }

  /** @param text the document */
  make(messages: readonly PushMessage[], format: PayloadFormat, text: string): Buffer {
    const payload = format.compression === 'zlib' ? deflateSync(text) : Buffer.from(text);
    const [message] = messages;
    if (message === undefined || messages.length > 1) return payload;
    const made = this.#single.get(message);
    if (made === undefined) this.#single.set(message, [{ format, payload }]);
    else made.push({ format, payload });
    return payload;
  }
}

const isSame = (a: PayloadFormat, b: PayloadFormat): boolean =>
  a.formatType === b.formatType &&
  a.compression === b.compression &&
  a.schemaType === b.schemaType &&
  (a.schemaType === null || a.schemaData === b.schemaData);
