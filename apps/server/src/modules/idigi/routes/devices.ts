import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendOne, sendPage } from '../answer/page.js';
import { queryOf } from '../query.js';
import { DEVICE_ATTRIBUTES, listDevices, readDevice } from '../resources/devices.js';
import { nameOf } from './element.js';

const NAME = 'DeviceCore';

/** `/ws/DeviceCore`: node servers and things. Clients check their credentials with `?size=1`. */
export function deviceRoutes(app: FastifyInstance): void {
  app.get('/DeviceCore', { schema: { summary: 'My node servers and things' } }, list);
  app.get<{ Params: { id: string } }>(
    '/DeviceCore/:id',
    { schema: { summary: 'One node server or thing' } },
    async (request, reply) => {
      const name = nameOf(request.params.id);
      if (name === undefined) return list(request, reply);
      return sendOne(request, reply, NAME, await readDevice(app, request.wsCaller, name));
    },
  );

  async function list(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const query = queryOf(request, DEVICE_ATTRIBUTES);
    return sendPage(request, reply, NAME, await listDevices(app, request.wsCaller, query), query);
  }
}
