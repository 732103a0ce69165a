import { Readable } from 'node:stream';
import { Id, LogLevel, type LogLine, LogPage } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Workers } from '../workers.js';
import { followLog } from './follow.js';
import { logFilter } from './levels.js';

export { closeLogStreams } from './follow.js';

const tags = ['workers'];
const params = z.object({ id: Id });

/** So many lines a follower gets at first when it does not say. */
const FIRST_LINES = 1000;

const Filter = z.object({ level: LogLevel.optional(), text: z.string().max(200).optional() });

const LogQuery = Filter.extend({
  follow: z.enum(['true', 'false']).default('false'),
  lines: z.coerce.number().int().min(1).max(5000).optional(),
});

const LineNumber = z.coerce.number().int().min(0).max(1e15);

const PageQuery = Filter.extend({
  before: LineNumber.optional(),
  after: LineNumber.optional(),
  at: z.iso.datetime({ offset: true, error: 'Write a time such as 2026-01-31T12:00:00Z' }).optional(),
  limit: z.coerce.number().int().min(1).max(2000).default(500),
});

/** Reading, following, downloading and clearing the logs of workers. */
export function logRoutes(app: FastifyInstance, workers: Workers): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/api/node-servers/:id/log',
    {
      schema: {
        summary: 'The log as text; with `follow=true` as server-sent events',
        description:
          'As text: all of it, or the newest `lines`. Followed: events `lines` (an array of lines), `cleared` (`{n}`: the lines up to it are gone), `skipped` (`{lines}`: you read too slowly), `status`. `Last-Event-ID` goes on behind that line.',
        tags,
        params,
        querystring: LogQuery,
      },
    },
    async (request, reply) => {
      const info = await app.nodeServers.find(request.principal, request.params.id);
      const { follow, lines, level, text } = request.query;
      const log = workers.logOf(info.id);
      const matches = logFilter(level, text);
      if (follow === 'true') {
        const last = Number(request.headers['last-event-id'] ?? 0);
        followLog(app, reply, {
          log,
          lines: lines ?? FIRST_LINES,
          after: Number.isSafeInteger(last) && last > 0 ? last : 0,
          matches,
          onFollow: () => workers.followedLocal(info),
        });
        return reply;
      }
      const blocks = lines === undefined ? log.all(matches) : [await log.newest(lines, matches)];
      return reply
        .type('text/plain; charset=utf-8')
        .header('content-disposition', `attachment; filename="${info.name.replace(/[^\w.-]+/g, '-')}.log"`)
        .send(Readable.from(asText(blocks)));
    },
  );

  routes.get(
    '/api/node-servers/:id/log/lines',
    {
      schema: {
        summary: 'A part of the log: the newest lines, those before or after one, or around a time',
        tags,
        params,
        querystring: PageQuery,
        response: { 200: LogPage },
      },
    },
    async (request) => {
      const info = await app.nodeServers.find(request.principal, request.params.id);
      const { level, text, ...query } = request.query;
      return workers.logOf(info.id).page(query, logFilter(level, text));
    },
  );

  routes.delete(
    '/api/node-servers/:id/log',
    { schema: { summary: 'Clear the log', tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      const info = await app.nodeServers.find(request.principal, request.params.id);
      await workers.logOf(info.id).clear();
      await app.audit.record({
        actor: request.principal.email,
        action: 'nodeServer.clearLog',
        target: info.name,
        detail: { id: info.id },
        ip: request.ip,
      });
      return reply.code(204).send(null);
    },
  );
}

async function* asText(blocks: AsyncIterable<LogLine[]> | LogLine[][]): AsyncGenerator<string> {
  for await (const lines of blocks)
    if (lines.length > 0)
      yield lines.map(({ at, level, text }) => `${at} ${level.padEnd(7)} ${text}\n`).join('');
}
