import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';

/** What is read here alone, and where it is written instead. */
const READ_ONLY: Record<string, string> = {
  DeviceCore: 'Node servers and things are made, changed and deleted in the dashboard or with /api',
  Group: 'There is one group alone',
  FileData: 'Files are the messages that things sent. Things send them over MQTT or HTTP',
  DataStream: 'Streams are the drivers of nodes. Node servers make them',
  DataPoint: 'Data points are values of drivers. Node servers report them',
};

/** Says of writes to what is read alone what to use instead. */
export function refusedWrites(app: FastifyInstance): void {
  for (const [name, instead] of Object.entries(READ_ONLY))
    for (const url of [`/${name}`, `/${name}/*`])
      app.route({
        method: ['POST', 'PUT', 'PATCH', 'DELETE'],
        url,
        schema: { hide: true },
        handler: async (_request, reply) => {
          reply.header('allow', 'GET');
          throw new DomainError('invalid', 'notAllowed', `${name} is read only. ${instead}.`);
        },
      });
}
