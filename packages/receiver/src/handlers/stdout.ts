import { z } from 'zod';
import { Handler, PermanentError } from '../handler.js';
import { type ChannelMessage, jsonOf } from '../message.js';

const Options = z.strictObject({
  pretty: z.boolean().default(false).describe('indent every message, for people'),
});

/** Writes each message as a line of JSON on stdout. */
export class StdoutHandler extends Handler<z.output<typeof Options>> {
  static readonly options = Options;
  static readonly summary = 'writes each message as a line of JSON on stdout';
  readonly #ignore = (): void => {};

  override async start(): Promise<void> {
    // A closed pipe is told to the write; as an event alone it would end the process.
    process.stdout.on('error', this.#ignore);
  }

  async handle(messages: readonly ChannelMessage[]): Promise<void> {
    const texts = messages.map((message) =>
      this.options.pretty ? JSON.stringify(message, undefined, 2) : jsonOf(message),
    );
    // A reader that is slow holds the next batch back.
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(`${texts.join('\n')}\n`, (error) => {
        if (error) reject(new PermanentError(`stdout is closed (${error.message})`, { cause: error }));
        else resolve();
      });
    });
  }

  override async stop(): Promise<void> {
    process.stdout.off('error', this.#ignore);
  }
}
