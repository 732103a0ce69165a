import type { FastifyInstance } from 'fastify';
import type { MqttAuthenticator } from '#edges/mqtt/types.js';
import { findAccessToken } from './store.js';

/**
 * People's own MQTT clients: user name is the e-mail address, password an access token. They may read their
 * frontend topics (the log streams of their workers) and publish nothing. A token with a list is not for that.
 */
export const mqttUsers =
  (app: FastifyInstance): MqttAuthenticator =>
  async ({ username, password, certificateName }) => {
    if (certificateName !== undefined || username === undefined || password === undefined) return undefined;
    const principal = await findAccessToken(app.database.pool, password);
    if (principal === undefined || principal.email !== username.toLowerCase()) return undefined;
    if (principal.access.kind === 'acl') return undefined;
    const own = `${app.config.stage}/frontend/${principal.userId}/`;
    return {
      kind: 'user',
      id: principal.userId,
      mayPublish: () => false,
      maySubscribe: (filter) => filter.startsWith(own),
    };
  };
