import { READ_BYTES, READ_COUNT } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { pickText } from '../fields.js';
import type { ChannelRef } from '../select.js';
import type { Warnings } from '../warnings.js';
import type { TimeQuery } from './query.js';

/** Messages of a range of times, as the text between the brackets of a list. Says when a filter could not look at all. */
export async function readByTime(
  app: FastifyInstance,
  channel: ChannelRef,
  { limitCount, limitSize, fields, filter, from, to, reverse }: TimeQuery,
  warnings: Warnings,
): Promise<string> {
  const range = {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    reverse,
  };
  const limits =
    filter === undefined
      ? { limitCount, limitSize }
      : { limitCount: READ_COUNT.max, limitSize: READ_BYTES.max };
  const messages = await app.channels.readByTime(channel, { ...range, ...limits });
  const texts: string[] = [];
  let bytes = 0;
  for (const { json } of messages) {
    if (filter !== undefined && !filter(JSON.parse(json) as Record<string, unknown>)) continue;
    const text = fields === undefined ? json : pickText(json, fields);
    texts.push(text);
    bytes += Buffer.byteLength(text);
    if (texts.length >= limitCount || bytes >= limitSize) return texts.join(',');
  }
  const seen = messages.reduce((sum, message) => sum + message.bytes, 0);
  if (filter !== undefined && (messages.length >= READ_COUNT.max || seen >= READ_BYTES.max))
    warnings.add(`The filter looked at ${messages.length} messages; the range has more. Take a shorter one`);
  return texts.join(',');
}
