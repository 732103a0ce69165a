import { Id, LogLevel, NodeServerSummary, RuntimeInfo, Source, UpdateRequest } from '@polyrelay/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DomainError } from '#core/errors.js';
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

const Updating = z.object({ id: Id, source: Source });

/** What an update installs: the source as it is now, at another ref, or another zip. */
async function newSource(
  app: FastifyInstance,
  request: FastifyRequest<{ Body: z.output<typeof UpdateRequest> }>,
  source: Source | null,
): Promise<Source> {
  if (request.isMultipart()) return { archive: await app.nodeServers.takeArchive(request) };
  if (request.validationError) throw request.validationError;
  const { ref } = request.body ?? {};
  if (source === null || 'archive' in source)
    throw new DomainError(
      'invalid',
      'noNewSource',
      'Send the new zip as multipart/form-data, file “archive”.',
    );
  if ('git' in source) return ref === undefined ? source : { git: source.git, ref };
  return source;
}

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
        await audit(request, `nodeServer.${action}`, info.name);
        const now = await app.nodeServers.get(info.id);
        return reply.code(202).send({ id: info.id, state: now?.state ?? info.state, stateReason: '' });
      },
    );
  }

  routes.get(
    '/api/runtimes',
    {
      schema: {
        summary: 'Ways a worker can run here, and why others cannot',
        tags,
        response: { 200: z.object({ items: z.array(RuntimeInfo) }) },
      },
    },
    async () => ({ items: app.nodeServers.runtimes.list() }),
  );

  routes.post(
    '/api/node-servers/:id/update',
    {
      attachValidation: true,
      schema: {
        summary: 'Install another release, and change over to it',
        description:
          'The newest of the same branch or folder, or `ref`; or another zip, as multipart/form-data with file `archive`. The one before comes back when the new one does not connect.',
        tags,
        params,
        body: UpdateRequest,
        response: { 202: Updating },
      },
    },
    async (request, reply) => {
      const info = await app.nodeServers.find(request.principal, request.params.id);
      const source = await newSource(app, request, info.source);
      workers.update(info, source);
      await audit(request, 'nodeServer.update', info.name);
      return reply.code(202).send({ id: info.id, source });
    },
  );

  routes.post(
    '/api/node-servers/:id/rollback',
    {
      schema: {
        summary: 'Go back to the release before',
        tags,
        params,
        response: { 202: z.object({ id: Id }) },
      },
    },
    async (request, reply) => {
      const info = await app.nodeServers.find(request.principal, request.params.id);
      await workers.goBack(info);
      await audit(request, 'nodeServer.rollback', info.name);
      return reply.code(202).send({ id: info.id });
    },
  );

  const audit = (request: FastifyRequest, action: string, target: string): Promise<void> =>
    app.audit.record({ actor: request.principal.email, action, target, ip: request.ip });

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
