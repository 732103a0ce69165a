import type { FastifyInstance } from 'fastify';
import { isDatabaseAway } from '#core/database/database.js';
import type { Principal } from '#core/principal.js';
import { printable } from '#core/text.js';
import type { MqttAuthenticator, MqttCredentials } from '#edges/mqtt/types.js';
import { mqttRights } from './mqtt-rights.js';
import { findAccessToken } from './store.js';

/** Tokens that expired or were revoked elsewhere lose their connections after this time at the most. */
const CHECK_EVERY_MS = 30_000;

/**
 * People's own MQTT clients: user name is the e-mail address and password an access token, or the user name is
 * `FlespiToken <access token>`.
 */
export const mqttUsers =
  (app: FastifyInstance): MqttAuthenticator =>
  async (credentials) => {
    const principal = await principalOf(app, credentials);
    if (principal === undefined) return undefined;
    const { userId, access, credentialId } = principal;
    const rights = mqttRights({ userId, access, stage: app.config.stage });
    return { kind: 'user', id: userId, credentialId, access, ...rights };
  };

async function principalOf(
  { database }: FastifyInstance,
  { certificateName, username, password }: MqttCredentials,
): Promise<Principal | undefined> {
  if (certificateName !== undefined || username === undefined) return undefined;
  const key = /^FlespiToken +(\S+) *$/i.exec(username)?.[1];
  if (key !== undefined) return findAccessToken(database.pool, key);
  if (password === undefined) return undefined;
  const principal = await findAccessToken(database.pool, password);
  return principal?.email === username.toLowerCase() ? principal : undefined;
}

/** Says in the audit log what people's clients tried and may not do. */
export function tellRefusals(app: FastifyInstance): void {
  app.mqtt.onRefused(({ kind, id }, what) => {
    if (kind !== 'user') return;
    app.access.user(id).then(
      (user) =>
        user &&
        app.audit.recordSeldom({
          actor: user.email,
          action: 'message.refused',
          target: 'mqtt',
          detail: { why: printable(`an MQTT client with a token of yours ${what}`) },
        }),
      () => undefined,
    );
  });
}

/** Ends connections whose access token is no more: it expired, or was revoked at another replica. */
export function checkMqttUsers(app: FastifyInstance): void {
  const timer = setInterval(() => {
    endUnknown(app).catch((error: unknown) => {
      if (!isDatabaseAway(error)) app.log.warn({ err: error }, 'MQTT clients could not be checked');
    });
  }, CHECK_EVERY_MS).unref();
  app.addHook('onClose', async () => clearInterval(timer));
}

async function endUnknown({ mqtt, database }: FastifyInstance): Promise<void> {
  const users = new Map(
    [...(mqtt.broker?.identities() ?? [])].flatMap(({ kind, id, credentialId }) =>
      kind === 'user' && credentialId !== undefined ? [[credentialId, id] as const] : [],
    ),
  );
  if (users.size === 0) return;
  const { rows } = await database.pool.query<{ id: string }>(
    'SELECT id FROM access_tokens WHERE id = ANY($1) AND (expires_at IS NULL OR expires_at > now())',
    [[...users.keys()]],
  );
  for (const { id } of rows) users.delete(id);
  for (const [credentialId, id] of users) mqtt.disconnect({ kind: 'user', id, credentialId });
}
