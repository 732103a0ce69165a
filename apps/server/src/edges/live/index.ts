import { Event, EventQuery, page, TopicFilters, topicMatches } from '@polyrelay/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { bounds, readAfter, readBefore } from '#core/events/store.js';
import type { RecordedEvent } from '#core/events/types.js';
import { LiveConnection } from './connection.js';
import { openStream } from './stream.js';

/** A browser that missed more than this reloads instead of being sent all of it. */
const MAX_MISSED = 5000;
const PAGE = 1000;

/** One call looks through at most this many rows of the log, so that a rare topic does not read all of it. */
const MAX_SCANNED = 20_000;

/** Live updates over server-sent events, resumable by `Last-Event-ID`, and the event log. */
export const live = fp(
  async (app: FastifyInstance) => {
    const routes = app.withTypeProvider<ZodTypeProvider>();
    const open = new Set<LiveConnection>();
    app.metrics.gauge('polyrelay_live_connections', 'Browsers with a live connection', () => open.size);
    app.addHook('preClose', async () => {
      for (const connection of open) connection.close();
    });

    routes.get(
      '/api/live',
      {
        schema: {
          summary: 'Events as they happen (server-sent events)',
          description:
            'Each frame has the event’s id; a reconnecting client sends `Last-Event-ID` and misses nothing. `event: reset` asks to reload everything.',
          tags: ['events'],
          querystring: z.object({
            topics: z.string().max(2000).default('#').pipe(TopicFilters),
            lastEventId: z
              .string()
              .regex(/^\d{1,19}$/)
              .optional(),
          }),
        },
      },
      async (request, reply) => {
        const { topics, lastEventId } = request.query;
        const after = Number(request.headers['last-event-id'] ?? lastEventId ?? Number.NaN);
        await follow(request, reply, topics, Number.isSafeInteger(after) ? after : undefined);
      },
    );

    async function follow(
      request: FastifyRequest,
      reply: FastifyReply,
      topics: string[],
      after: number | undefined,
    ): Promise<void> {
      const wanted = wantedBy(request, topics);
      const connection = new LiveConnection(openStream(reply));
      open.add(connection);
      const early: RecordedEvent[] = [];
      let sentUpTo: number | undefined;
      const end = app.events.on('#', (event) => {
        if (!wanted(event)) return;
        if (sentUpTo === undefined) early.push(event);
        else if (event.id > sentUpTo) connection.send(event);
      });
      reply.raw.on('close', () => {
        end();
        open.delete(connection);
        connection.close();
      });
      try {
        const upTo = after === undefined ? app.events.last : await sendMissed(connection, wanted, after);
        connection.mark(upTo);
        for (const event of early) if (event.id > upTo) connection.send(event);
        sentUpTo = upTo;
      } catch (error) {
        // The answer has begun: its end is the only way to say so, and the browser comes again.
        request.log.warn({ err: error }, 'missed events could not be read');
        reply.raw.end();
      }
    }

    /** @returns the id up to which the connection now knows everything */
    async function sendMissed(
      connection: LiveConnection,
      wanted: (event: RecordedEvent) => boolean,
      after: number,
    ): Promise<number> {
      const { pool } = app.database;
      const { oldest, newest } = await bounds(pool);
      if (newest - after > MAX_MISSED || after < oldest - 1 || after > newest) {
        connection.reset(app.events.last);
        return app.events.last;
      }
      let last = after;
      for (;;) {
        const events = await readAfter(pool, last, PAGE);
        for (const event of events) if (wanted(event)) connection.send(event);
        last = events.at(-1)?.id ?? last;
        if (events.length < PAGE) return last;
      }
    }

    routes.get(
      '/api/events',
      {
        schema: {
          summary: 'The event log, newest first; with `after`, onwards from there, oldest first',
          tags: ['events'],
          querystring: EventQuery.extend({
            cursor: z
              .string()
              .regex(/^\d{1,19}$/)
              .optional(),
          }),
          response: { 200: page(Event) },
        },
      },
      async (request) => {
        const { topic, after, limit, cursor } = request.query;
        const wanted = wantedBy(request, topic);
        const read =
          after !== undefined
            ? (from: number | null) => readAfter(app.database.pool, from ?? Number(after), PAGE)
            : (from: number | null) => readBefore(app.database.pool, from, PAGE);
        return collect(read, wanted, limit, cursor === undefined ? null : Number(cursor));
      },
    );
  },
  { name: 'live', dependencies: ['core', 'http', 'access'] },
);

/** What the caller asked for and may see: an admin everything, others what is theirs. */
function wantedBy(request: FastifyRequest, filters: string[]): (event: RecordedEvent) => boolean {
  const { userId, role } = request.principal;
  return (event) =>
    (role === 'admin' || event.ownerId === userId) &&
    filters.some((filter) => topicMatches(filter, event.topic));
}

async function collect(
  read: (from: number | null) => Promise<RecordedEvent[]>,
  wanted: (event: RecordedEvent) => boolean,
  limit: number,
  cursor: number | null,
): Promise<{ items: Event[]; nextCursor: string | null }> {
  const items: RecordedEvent[] = [];
  let from = cursor;
  for (let scanned = 0; scanned < MAX_SCANNED; scanned += PAGE) {
    const rows = await read(from);
    for (const row of rows) {
      from = row.id;
      if (wanted(row)) items.push(row);
      if (items.length === limit) return { items: items.map(present), nextCursor: String(from) };
    }
    if (rows.length < PAGE) return { items: items.map(present), nextCursor: null };
  }
  return { items: items.map(present), nextCursor: String(from) };
}

const present = ({ id, topic, operation, group, at, payload }: RecordedEvent): Event => ({
  id: String(id),
  topic,
  operation,
  group,
  at: at.toISOString(),
  payload,
});
