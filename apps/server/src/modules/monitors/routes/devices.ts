import { Id, MonitorDevice } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { notFound } from '#core/errors.js';

const DeviceId = z.union([Id, z.string().regex(/^\d{1,9}$/, 'This is the id or the number of a device')]);

/** Node servers and things of a user, by their own id or by the number that topics have. */
const FIND = `SELECT d.id, d.kind, d.name FROM (
    SELECT id, 'nodeServer' AS kind, name, owner_id FROM node_servers
    UNION ALL SELECT id, 'thing', name, owner_id FROM things WHERE NOT deleting
  ) d WHERE d.owner_id = $1 AND d.id::text = coalesce(
    (SELECT source_id::text FROM devices WHERE owner_id = $1 AND id::text = $2), $2)`;

interface Row {
  id: string;
  kind: 'nodeServer' | 'thing';
  name: string;
}

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
      const { rows } = await app.database.pool.query<Row>(FIND, [ownerId, params.id]);
      const [row] = rows;
      if (row === undefined) throw notFound('This device');
      const { id, kind } = row;
      const numbers = await app.monitors.resources.deviceIds([{ kind, id, ownerId }]);
      const deviceId = numbers.get(id);
      if (deviceId === undefined) throw notFound('This device');
      return { ...row, deviceId };
    },
  );
}
