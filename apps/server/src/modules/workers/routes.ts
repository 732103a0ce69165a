import { Id, LogLevel, NodeServerSummary } from '@polyrelay/contract';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { openStream } from '#edges/live/stream.js';
import { logFilter, type WorkerLog } from './logs/log.js';
import type { Workers } from './workers.js';

const tags = ['workers'];
const params = z.object({ id: Id });
const HEARTBEAT_MS = 15_000;

/** A follower this far behind is sent nothing more until it has read. */
const SLOW_BYTES = 1024 * 1024;

const ACTIONS = ['start', 'stop', 'restart'] as const;

const LogQuery = z.object({
  follow: z.enum(['true', 'false']).default('false'),
  lines: z.coerce.number().int().min(1).max(5000).default(1000),
  level: LogLevel.optional(),
  text: z.string().max(200).optional(),
});

/** Starting and stopping workers, and their log. */
export function workerRoutes(app: FastifyInstance, workers: Workers): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  for (const action of ACTIONS) {
    routes.post(
      `/api/node-servers/:id/${action}`,
      {
        schema: {
          summary: `${action[0]?.toUpperCase()}${action.slice(1)} a worker`,
          tags,
          params,
          response: { 202: NodeServerSummary.pick({ id: true, state: true, stateReason: true }) },
        },
      },
      async (request, reply) => {
        const info = await app.nodeServers.find(request.principal, request.params.id);
        await workers.act(info, action);
        await app.audit.record({
          actor: request.principal.email,
          action: `nodeServer.${action}`,
          target: info.name,
          ip: request.ip,
        });
        const now = await app.nodeServers.get(info.id);
        return reply.code(202).send({ id: info.id, state: now?.state ?? info.state, stateReason: '' });
      },
    );
  }

  routes.get(
    '/api/node-servers/:id/log',
    {
      schema: {
        summary: 'The log as text; with `follow=true` as server-sent events',
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
      if (follow === 'true')
        return followLog(app, reply, log, lines, matches, () => workers.followedLocal(info));
      const name = `${info.name.replace(/[^\w.-]+/g, '-')}.log`;
      const body = (await log.newest(lines, matches))
        .map((line) => `${line.at} ${line.level.padEnd(7)} ${line.text}\n`)
        .join('');
      return reply
        .type('text/plain; charset=utf-8')
        .header('content-disposition', `attachment; filename="${name}"`)
        .send(body);
    },
  );
}

async function followLog(
  app: FastifyInstance,
  reply: FastifyReply,
  log: WorkerLog,
  lines: number,
  matches: ReturnType<typeof logFilter>,
  onFollow: () => () => void,
): Promise<void> {
  const stream = openStream(reply);
  let skipped = 0;
  const send = (line: Parameters<typeof matches>[0]): void => {
    if (!matches(line)) return;
    if (stream.writableLength > SLOW_BYTES) skipped++;
    else stream.write(`id: ${line.n}\nevent: line\ndata: ${JSON.stringify(line)}\n\n`);
  };
  for (const line of await log.newest(lines, matches)) send(line);
  const end = log.follow(send);
  const endFollow = onFollow();
  const heartbeat = setInterval(() => {
    stream.write(skipped > 0 ? `event: skipped\ndata: {"lines":${skipped}}\n\n` : ': \n\n');
    skipped = 0;
  }, HEARTBEAT_MS);
  const close = (): void => {
    clearInterval(heartbeat);
    end();
    endFollow();
    open.get(app)?.delete(close);
    stream.end();
  };
  const streams = open.get(app) ?? new Set<() => void>();
  open.set(app, streams.add(close));
  stream.on('close', close);
}

/** Streams that are open, so that a stopping service ends them. */
const open = new WeakMap<FastifyInstance, Set<() => void>>();

export function closeLogStreams(app: FastifyInstance): void {
  for (const close of open.get(app) ?? []) close();
}
