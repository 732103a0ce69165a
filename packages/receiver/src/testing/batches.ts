import type { BatchContext, Handler } from '../handler.js';
import { type ChannelMessage, parseMessage } from '../message.js';

/** Where a batch of a test is from, and what the handler said of it. */
export function batchContext(given: Partial<BatchContext> = {}) {
  const said: string[] = [];
  const context: BatchContext = {
    signal: new AbortController().signal,
    log: (text) => said.push(text),
    channel: 1,
    firstKey: 0,
    nextKey: 1000,
    ...given,
  };
  return { ...context, said };
}

/** As the receiver has them: made of their JSON. */
export const messagesOf = (...messages: Record<string, unknown>[]): ChannelMessage[] =>
  messages.map((message, index) =>
    parseMessage(JSON.stringify({ ident: 'thing-1', timestamp: index, ...message })),
  );

/** A batch with a number `n` in each message. */
export const numbered = (count: number, from = 0): ChannelMessage[] =>
  messagesOf(
    ...Array.from({ length: count }, (_, index) => ({ ident: `thing-${index % 7}`, n: from + index })),
  );

/** Gives a batch to a handler until it takes it. @returns attempts that failed */
export async function untilTaken(
  handler: Handler,
  messages: readonly ChannelMessage[],
  context: BatchContext = batchContext(),
): Promise<number> {
  for (let failed = 0; ; failed += 1) {
    try {
      await handler.handle(messages, context);
      return failed;
    } catch (error) {
      if (failed > 20) throw error;
    }
  }
}
