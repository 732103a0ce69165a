import type { FlashlexRange, Message, MessageRange } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { epochSeconds } from './present.js';
import type { ThingRef } from './thing-token.js';

/** The published API has no paging. What is beyond is asked for again, or downloaded as an archive. */
const MAX_MESSAGES = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;
const PAGE = 500;

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** A range in whole seconds, both of which belong to it. */
export const rangeOf = ({ startts, endts, messagetype }: FlashlexRange): MessageRange => ({
  ...(messagetype === undefined ? {} : { type: messagetype }),
  ...(startts === undefined ? {} : { from: iso(startts) }),
  ...(endts === undefined ? {} : { to: iso(endts + 1) }),
});

/** Messages of a range as far as one answer may hold them. @returns `cut` in words where there are more */
export async function readBounded(
  app: FastifyInstance,
  thing: ThingRef,
  range: MessageRange,
): Promise<{ messages: Message[]; cut?: string }> {
  const messages: Message[] = [];
  let bytes = 0;
  for (;;) {
    const after = messages.at(-1)?.id;
    const page = await app.messages.read(thing, range, {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const message of page) {
      bytes += message.bytes;
      const last = messages.at(-1);
      if (last !== undefined && (messages.length === MAX_MESSAGES || bytes > MAX_BYTES))
        return { messages, cut: cutAfter(messages.length, last) };
      messages.push(message);
    }
    if (page.length < PAGE) return { messages };
  }
}

const cutAfter = (count: number, last: Message): string =>
  `Only the first ${count} messages. Go on with startts=${epochSeconds(last.at)} (those of that second come again), or download the archive for all of them.`;
