import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import { pickText } from '../fields.js';
import type { ChannelRef } from '../select.js';
import type { Warnings } from '../warnings.js';
import type { KeyQuery } from './query.js';
import type { PagesUnderWay } from './under-way.js';

/** What one call with a filter looks at: the next one goes on from there. */
const SCAN = { pages: 20, pageCount: 1000, pageBytes: 4 * 1024 * 1024 };

/** Who reads. */
export interface Reader {
  principal: Principal;
  agent: string;
  /** Ends when it goes away, or has its answer. */
  gone: AbortSignal;
  underWay: PagesUnderWay;
}

/** Messages as the texts between the brackets of a list, and where the next call goes on. */
export interface Page {
  text: string;
  count: number;
  nextKey: number;
  lastKey: number;
  bounds: { firstKey: number; nextKey: number };
}

/**
 * Reads messages from a key on. When there is none it waits for the first one. What is below the key is deleted first,
 * when that is asked for: so a receiver that dies with a batch gets it again.
 * @throws notFound
 */
export async function readByKey(
  app: FastifyInstance,
  channel: ChannelRef,
  query: KeyQuery,
  reader: Reader,
  warnings: Warnings,
): Promise<Page> {
  const { currKey, timeoutMs } = query;
  let page = await readPage(app, channel, query, reader, currKey);
  const { bounds } = page;
  if (currKey > bounds.nextKey) {
    // As after a restore of an older backup: what is told here lets the client go on.
    warnings.add(
      `“curr_key” ${currKey} lies ahead of this channel, whose next key is ${bounds.nextKey}: go on from there`,
    );
    return { ...page, text: '', count: 0, nextKey: bounds.nextKey };
  }
  if (query.delete && bounds.firstKey < currKey) await app.channels.deleteBelow(channel, currKey);
  if (page.count === 0 && timeoutMs > 0) page = await waitForPage(app, channel, query, reader, page);
  const { principal, agent } = reader;
  app.channels.noteRead(channel, {
    principal,
    agent,
    currKey: page.nextKey,
    given: page.count,
    deletes: query.delete,
  });
  return page;
}

async function waitForPage(
  app: FastifyInstance,
  channel: ChannelRef,
  query: KeyQuery,
  reader: Reader,
  empty: Page,
): Promise<Page> {
  const { principal, agent, gone } = reader;
  const left = new AbortController();
  const leave = (): void => left.abort();
  gone.addEventListener('abort', leave, { once: true });
  let revoked = false;
  const isOver = app.access.onRevoked(principal, () => {
    revoked = true;
    left.abort();
  });
  const until = performance.now() + query.timeoutMs;
  const ended = app.channels.noteWaiting(channel, { principal, agent }, query.currKey);
  try {
    let page = empty;
    while (page.count === 0) {
      const leftMs = until - performance.now();
      if (leftMs <= 0 || gone.aborted) return page;
      const there = await app.channels.wait(channel.id, page.nextKey, leftMs, left.signal);
      if (revoked) throw accessEnded();
      if (!there && page.nextKey >= page.bounds.nextKey) return page;
      page = await readPage(app, channel, query, reader, page.nextKey);
    }
    return page;
  } finally {
    ended();
    isOver();
    gone.removeEventListener('abort', leave);
  }
}

const accessEnded = (): DomainError =>
  new DomainError(
    'unauthenticated',
    'badToken',
    'The access token was revoked, or its user removed, while the call waited.',
  );

function readPage(
  app: FastifyInstance,
  channel: ChannelRef,
  query: KeyQuery,
  { gone, underWay }: Reader,
  from: number,
): Promise<Page> {
  const { limitCount, fields, filter } = query;
  const read = (limitSize: number): Promise<Page> =>
    fields === undefined && filter === undefined
      ? app.channels.readText(channel, { from, limitCount, limitSize })
      : scan(app, channel, { ...query, limitSize }, from);
  return underWay.read(query.limitSize, gone, read, ({ text }) => text);
}

/** Looks at messages one by one, as many as one call may. */
async function scan(app: FastifyInstance, channel: ChannelRef, query: KeyQuery, from: number): Promise<Page> {
  const { limitCount, limitSize, filter = () => true } = query;
  const texts: string[] = [];
  let bytes = 0;
  let nextKey = from;
  for (let pages = 1; ; pages++) {
    const page = await app.channels.read(channel, {
      from: nextKey,
      limitCount: SCAN.pageCount,
      limitSize: SCAN.pageBytes,
    });
    nextKey = page.nextKey;
    let full = false;
    for (const { key, json } of page.messages) {
      if (!filter(JSON.parse(json) as Record<string, unknown>)) continue;
      const text = query.fields === undefined ? json : pickText(json, query.fields);
      texts.push(text);
      bytes += Buffer.byteLength(text);
      full = texts.length >= limitCount || bytes >= limitSize;
      if (!full) continue;
      nextKey = key + 1;
      break;
    }
    const { bounds, lastKey } = page;
    if (full || page.messages.length === 0 || pages >= SCAN.pages || nextKey >= bounds.nextKey)
      return { text: texts.join(','), count: texts.length, nextKey, lastKey, bounds };
  }
}
