import { once } from 'node:events';
import { z } from 'zod';
import { Handler, type HandlerContext } from '../handler.js';
import { type ChannelMessage, jsonOf } from '../message.js';

const Options = z.strictObject({
  pretty: z.boolean().default(false).describe('Indent every message, for people'),
});

/** Writes each message as a line of JSON on stdout. */
export class StdoutHandler extends Handler<z.output<typeof Options>> {
  static readonly options = Options;
  static readonly summary = 'writes each message as a line of JSON on stdout';

  async handle(messages: readonly ChannelMessage[], { signal }: HandlerContext): Promise<void> {
    const text = messages.map((message) =>
      this.options.pretty ? JSON.stringify(message, undefined, 2) : jsonOf(message),
    );
    // A reader that is slow holds the next batch back.
    if (!process.stdout.write(`${text.join('\n')}\n`)) await once(process.stdout, 'drain', { signal });
  }
}
