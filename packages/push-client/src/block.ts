import { inflateSync } from 'node:zlib';
import type { PublishMessage, PushFormat } from '@polyrelay/codecs/push';
import { reasonOf } from '@polyrelay/essentials';
import { documentOf, type Message, messagesOf } from './document.js';
import { PushError } from './errors.js';

/** Some events, as the service sent them in one frame. */
export class Block {
  readonly monitorId: number;
  readonly blockId: number;
  /** Events in it. */
  readonly count: number;
  readonly format: PushFormat;
  /** Unpacked. */
  readonly payload: Buffer;
  readonly #acknowledge: () => boolean;
  readonly #parseXml: boolean;
  #text: string | undefined;
  #document: { value: unknown } | undefined;
  #acknowledged: boolean | undefined;

  /** @throws PushError `PROTOCOL` a payload that cannot be unpacked, or not into so many bytes */
  constructor(
    message: PublishMessage,
    options: { monitorId: number; maxBlockBytes: number; parseXml: boolean; acknowledge: () => boolean },
  ) {
    this.monitorId = options.monitorId;
    this.blockId = message.blockId;
    this.count = message.count;
    this.format = message.format;
    this.payload = unpacked(message, options.maxBlockBytes);
    this.#parseXml = options.parseXml;
    this.#acknowledge = options.acknowledge;
  }

  get text(): string {
    this.#text ??= this.payload.toString();
    return this.#text;
  }

  /** The payload as an object; XML in the shape that JSON has. Undefined where it is neither. */
  get document(): unknown {
    if (this.format === 'xml' && !this.#parseXml) return undefined;
    this.#document ??= { value: documentOf(this.text, this.format) };
    return this.#document.value;
  }

  /** Its events, in order; none where a template of one's own makes something else. */
  get messages(): Message[] {
    return messagesOf(this.document);
  }

  /**
   * Tells the service that it is safe here, so that it does not come again.
   * @returns whether it was told: not when the connection it came by is gone. Then it comes again, if the monitor
   * wants acknowledgements
   */
  acknowledge(): boolean {
    this.#acknowledged ??= this.#acknowledge();
    return this.#acknowledged;
  }
}

function unpacked({ blockId, compression, payload }: PublishMessage, maxOutputLength: number): Buffer {
  if (compression === 'none') return Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  try {
    return inflateSync(payload, { maxOutputLength });
  } catch (cause) {
    const why =
      cause instanceof RangeError
        ? `has more than ${maxOutputLength} bytes`
        : `is no zlib stream (${reasonOf(cause)})`;
    throw new PushError('PROTOCOL', `block ${blockId} cannot be unpacked: it ${why}`, { cause });
  }
}
