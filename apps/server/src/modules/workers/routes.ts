import { Id, NodeServerSummary, RuntimeInfo, type Source, UpdateRequest } from '@polyrelay/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DomainError } from '#core/errors.js';
import { checkUnlessForm } from '#edges/http/form-or-json.js';
import { whileThere } from '#edges/http/while-there.js';
import type { Workers } from './workers.js';

const tags = ['workers'];
const params = z.object({ id: Id });
const ACTIONS = ['start', 'stop', 'restart'] as const;

type NodeServerInfo = Awaited<ReturnType<FastifyInstance['nodeServers']['find']>>;

/** What an update installs: the source as it is now, at another ref, another zip, or the one that the store has now. */
async function newSource(
  app: FastifyInstance,
  request: FastifyRequest<{ Body: z.output<typeof UpdateRequest> | null | undefined }>,
  { source, catalogueEntry }: Pick<NodeServerInfo, 'source' | 'catalogueEntry'>,
  signal: AbortSignal,
): Promise<Source> {
  if (request.isMultipart()) return { archive: await app.nodeServers.takeArchive(request) };
  const { ref } = request.body ?? {};
  const listed = app.nodeServers.updates.source(catalogueEntry);
  if (listed !== undefined && 'archive' in listed && ref === undefined)
    return { archive: (await app.sources.archive(listed.archive, signal)).archive };
  // Its catalogue has gone over from a zip to a repository.
  if (listed !== undefined && 'git' in listed && source !== null && 'archive' in source) return listed;
  if (source === null || 'archive' in source)
    throw new DomainError(
      'invalid',
      'noNewSource',
      'Send the new zip as multipart/form-data, file “archive”.',
    );
  if ('git' in source) return ref === undefined ? source : { git: source.git, ref };
  return source;
}

/** Starting, stopping and updating workers. */
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
          'The newest of the same branch or folder, or `ref`; what its entry of the store says now, where that is a zip; or another zip, as multipart/form-data with file `archive`. The one before comes back when the new one does not connect.',
        tags,
        params,
        // Nothing asked for: the newest.
        body: UpdateRequest.nullish(),
        response: { 202: z.object({ id: Id }) },
      },
    },
    async (request, reply) => {
      checkUnlessForm(request);
      const info = await app.nodeServers.find(request.principal, request.params.id);
      workers.checkRunsHere(info);
      const source = await newSource(app, request, info, whileThere(reply));
      try {
        workers.update(info, source);
      } catch (error) {
        if ('archive' in source) await app.nodeServers.removeArchive(source.archive);
        throw error;
      }
      await audit(request, 'nodeServer.update', info.name);
      return reply.code(202).send({ id: info.id });
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
}
