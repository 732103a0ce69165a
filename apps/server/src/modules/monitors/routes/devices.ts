import { Id, MonitorDevice } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { notFound } from '#core/errors.js';

const DeviceId = z.union([Id, z.string().regex(/^\d{1,9}$/, 'This is the id or the number of a device')]);

/** What makers of topics need to know of devices. */
export function deviceRoutes(app: FastifyInstance): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/monitors/devices/:id',
    {
      schema: {
        summary: 'One of my node servers or things, with the number that stands for it in topics',
        tags: ['monitors'],
        params: z.object({ id: DeviceId }),
        response: { 200: MonitorDevice },
      },
    },
    async ({ principal, params }): Promise<MonitorDevice> => {
      const ownerId = principal.userId;
      const { resources } = app.monitors;
      const wanted = /^\d+$/.test(params.id)
        ? await resources.sourceOf(ownerId, Number(params.id))
        : params.id;
      if (wanted === undefined) throw notFound('This device');
      const [nodeServers, things] = await Promise.all([
        app.nodeServers.devices(ownerId, wanted),
        app.things.devices(ownerId, wanted),
      ]);
      const [device] = [...nodeServers, ...things];
      if (device === undefined) throw notFound('This device');
      const { id, kind, name } = device;
      const deviceId = (await resources.deviceIds([{ kind, id, ownerId }])).get(id);
      if (deviceId === undefined) throw notFound('This device');
      return { id, kind, name, deviceId };
    },
  );
}
