import {
  Monitor,
  MonitorChange,
  MonitorId,
  MonitorPage,
  MonitorQuery,
  MonitorReplay,
  MonitorReplayRequest,
  MonitorRequest,
  MonitorTest,
} from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DomainError } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import type { Owner } from '../commands/create.js';
import { testMonitor } from '../commands/record-test.js';
import { replayMonitor } from '../commands/replay.js';
import { listMonitors } from '../list.js';
import { loadMonitor } from '../read.js';
import type { MonitorRecord } from '../types.js';

const tags = ['monitors'];
const params = z.object({ id: MonitorId });

/** The owner of a monitor, in whose name an admin may act. */
const ownerOf = ({ ownerId }: MonitorRecord, { email }: Principal): Owner => ({ userId: ownerId, email });

/** Monitors over the service's own API. */
export function monitorRoutes(app: FastifyInstance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const { monitors } = app;

  routes.get(
    '/api/monitors',
    {
      schema: {
        summary: 'Push monitors: searched, sorted, a page at a time',
        tags,
        querystring: MonitorQuery,
        response: { 200: MonitorPage },
      },
    },
    ({ principal, query }) => listMonitors(app, principal, query),
  );

  routes.post(
    '/api/monitors',
    {
      schema: {
        summary: 'Create a push monitor: it is sent what happens from now on',
        tags,
        body: MonitorRequest,
        response: { 201: Monitor },
      },
    },
    async ({ principal, body }, reply) =>
      reply.code(201).send(await loadMonitor(app, await monitors.create(principal, body))),
  );

  routes.get(
    '/api/monitors/:id',
    { schema: { summary: 'One push monitor', tags, params, response: { 200: Monitor } } },
    async ({ principal, params }) => loadMonitor(app, await monitors.require(principal, params.id)),
  );

  routes.patch(
    '/api/monitors/:id',
    {
      schema: {
        summary: 'Change a push monitor: its session ends, and a disabled one is tried again',
        tags,
        params,
        body: MonitorChange,
        response: { 200: Monitor },
      },
    },
    async ({ principal, params, body }) => {
      const monitor = await monitors.require(principal, params.id);
      return loadMonitor(app, await monitors.change(ownerOf(monitor, principal), monitor.id, body));
    },
  );

  routes.delete(
    '/api/monitors/:id',
    {
      schema: {
        summary: 'Delete a push monitor; its session ends',
        tags,
        params,
        response: { 204: z.null() },
      },
    },
    async ({ principal, params }, reply) => {
      const monitor = await monitors.require(principal, params.id);
      await monitors.remove(ownerOf(monitor, principal), monitor.id);
      return reply.code(204).send(null);
    },
  );

  routes.post(
    '/api/monitors/:id/secret',
    {
      schema: {
        summary: 'Give an HTTP monitor another secret to sign with; the old one is worth nothing from now on',
        tags,
        params,
        response: { 200: Monitor },
      },
    },
    async ({ principal, params }) => {
      const monitor = await monitors.require(principal, params.id);
      if (monitor.transportType !== 'http')
        throw new DomainError('conflict', 'notHttp', 'Only what HTTP monitors send is signed.');
      return loadMonitor(app, await monitors.renewSecret(ownerOf(monitor, principal), monitor.id));
    },
  );

  routes.post(
    '/api/monitors/:id/replay',
    {
      schema: {
        summary: 'Send again what happened since a time, and then what is new',
        description:
          'Goes back as far as the event log does, see `logBegins` in the answer and `EVENT_RETENTION_DAYS`. A session that is open goes on from there.',
        tags,
        params,
        body: MonitorReplayRequest,
        response: { 200: MonitorReplay },
      },
    },
    async ({ principal, params, body }) => {
      const monitor = await monitors.require(principal, params.id);
      return replayMonitor(app, principal.email, monitor, new Date(body.from));
    },
  );

  routes.post(
    '/api/monitors/:id/test',
    {
      schema: {
        summary: 'Record an event that only this monitor is sent',
        tags,
        params,
        response: { 201: MonitorTest },
      },
    },
    async ({ principal, params }, reply) => {
      const monitor = await monitors.require(principal, params.id);
      return reply.code(201).send({ eventId: await testMonitor(app, monitor) });
    },
  );
}
