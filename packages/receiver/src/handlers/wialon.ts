import { encodeWialon } from '@polyrelay/codecs/wialon';
import { reasonOf } from '@polyrelay/essentials';
import { z } from 'zod';
import { type BatchContext, Handler, type HandlerContext, PermanentError } from '../handler.js';
import type { ChannelMessage } from '../message.js';
import { WialonConnection } from './wialon-connection.js';

const Options = z.strictObject({
  host: z.string().trim().min(1).describe('name or address of what receives'),
  port: z.number().int().min(1).max(65535).describe('its TCP port'),
  ackTimeout: z
    .number()
    .positive()
    .max(3600)
    .default(30)
    .describe('seconds to wait for an acknowledgement (30)'),
  window: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe('packets that may wait for their acknowledgement (1000)'),
  terminateText: z.boolean().default(false).describe('end texts with 0x00, where that is insisted on'),
});

/** Names of fields that are remembered as told. */
const MAX_TOLD = 1000;

/** Sends each message as a packet of Wialon Retranslator v1.0, on one connection that is kept. */
export class WialonHandler extends Handler<z.output<typeof Options>> {
  static readonly options = Options;
  static readonly summary = 'sends each message by Wialon Retranslator, and waits for its acknowledgement';

  #connection: WialonConnection | undefined;
  readonly #told = new Set<string>();

  override async start({ signal }: HandlerContext): Promise<void> {
    await this.#open(signal);
  }

  async handle(messages: readonly ChannelMessage[], { signal, log }: BatchContext): Promise<void> {
    const packets = messages.map((message, index) => this.#encode(message, index, log));
    const connection = await this.#open(signal);
    await untilAborted(signal, connection, connection.deliver(packets));
  }

  override async stop(): Promise<void> {
    this.#connection?.close(new Error('the handler was stopped'));
    this.#connection = undefined;
  }

  async #open(signal: AbortSignal): Promise<WialonConnection> {
    if (this.#connection === undefined || this.#connection.closed) {
      const connection = await WialonConnection.open(this.options);
      // Stopped, or out of time, meanwhile.
      if (signal.aborted) connection.close(signal.reason);
      this.#connection = connection;
    }
    return this.#connection;
  }

  #encode(message: ChannelMessage, index: number, log: (text: string) => void): Uint8Array {
    try {
      const { packet, omitted } = encodeWialon(message, this.options);
      const news = omitted.filter((name) => !this.#told.has(name));
      if (news.length > 0 && this.#told.size < MAX_TOLD) {
        for (const name of news) this.#told.add(name);
        log(`has no way to send ${news.join(', ')} of ${message.ident} as it is: left out, here and later`);
      }
      return packet;
    } catch (error) {
      throw new PermanentError(`message ${index} of the batch cannot be sent: ${reasonOf(error)}`);
    }
  }
}

async function untilAborted(
  signal: AbortSignal,
  connection: WialonConnection,
  work: Promise<void>,
): Promise<void> {
  const close = (): void => connection.close(signal.reason);
  signal.addEventListener('abort', close);
  if (signal.aborted) close();
  try {
    await work;
  } finally {
    signal.removeEventListener('abort', close);
  }
}
