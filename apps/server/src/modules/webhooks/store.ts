import type { Webhook } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import { hashToken, newToken } from '#core/secrets/tokens.js';

/** Random bytes of a webhook URL's path; nobody guesses 192 bits. */
const SECRET_BYTES = 24;

/** What such a secret looks like. */
export const SECRET = /^[A-Za-z0-9_-]{32}$/;

interface Row {
  nodeServerId: string;
  secret: Uint8Array;
  taken: boolean;
  count: number;
  lastAt: Date | null;
  renewedAt: Date;
}

/** Whose webhook a secret is; undefined when it is nobody's. */
export async function findWebhook(
  app: FastifyInstance,
  secret: string,
): Promise<{ nodeServerId: string; taken: boolean } | undefined> {
  const { rows } = await app.database.pool.query<{ node_server_id: string; taken: boolean }>({
    name: 'find-webhook',
    text: 'SELECT node_server_id, taken FROM webhooks WHERE secret_hash = $1',
    values: [hashToken(secret)],
  });
  const row = rows[0];
  return row && { nodeServerId: row.node_server_id, taken: row.taken };
}

/** The webhook of a node server; it is made the first time somebody asks for it. */
export async function webhookOf(
  app: FastifyInstance,
  { id: nodeServerId, ownerId }: { id: string; ownerId: string },
): Promise<Row> {
  const { prisma } = app.database;
  const found = await prisma.webhook.findUnique({ where: { nodeServerId } });
  if (found !== null) return found;
  await app.events.transaction(async (tx, record) => {
    const renewedAt = new Date();
    const data = [{ nodeServerId, ...newSecret(app, nodeServerId), renewedAt }];
    // Of two that ask at once the first one's secret stays.
    const { count } = await tx.webhook.createMany({ data, skipDuplicates: true });
    const payload = { renewedAt: renewedAt.toISOString() };
    if (count === 1)
      record({ topic: `nodeServers/${nodeServerId}/webhook`, operation: 'INSERTION', ownerId, payload });
  });
  const made = await prisma.webhook.findUnique({ where: { nodeServerId } });
  if (made === null) throw notFound('This node server');
  return made;
}

/** Replaces the secret: the old URL is unknown from here on. */
export async function renewWebhook(
  app: FastifyInstance,
  { id, ownerId }: { id: string; ownerId: string },
): Promise<Row> {
  await webhookOf(app, { id, ownerId });
  return app.events.transaction(async (tx, record) => {
    const renewedAt = new Date();
    record({
      topic: `nodeServers/${id}/webhook`,
      operation: 'UPDATE',
      ownerId,
      payload: { renewedAt: renewedAt.toISOString() },
    });
    return tx.webhook.update({
      where: { nodeServerId: id },
      data: { ...newSecret(app, id), renewedAt, count: 0, lastAt: null },
    });
  });
}

/** Notes whether the worker that is connected takes webhooks. */
export async function setTaken(
  app: FastifyInstance,
  { id, ownerId }: { id: string; ownerId: string },
  taken: boolean,
): Promise<void> {
  // Hundreds come back together after a restart, and most of them never had to do with webhooks.
  const { rowCount: differs } = await app.database.pool.query({
    name: 'differs-webhooks-taken',
    text: 'SELECT 1 FROM webhooks WHERE node_server_id = $1 AND taken <> $2',
    values: [id, taken],
  });
  if (differs === 0) return;
  await app.events.sql(async (client, record) => {
    const { rowCount } = await client.query({
      name: 'set-webhooks-taken',
      text: 'UPDATE webhooks SET taken = $2 WHERE node_server_id = $1 AND taken <> $2',
      values: [id, taken],
    });
    if (rowCount === 1)
      record({ topic: `nodeServers/${id}/webhook`, operation: 'UPDATE', ownerId, payload: { taken } });
  });
}

/** Counts a webhook that was handed over. What it held is written nowhere. */
export async function countWebhook(
  app: FastifyInstance,
  { id, ownerId }: { id: string; ownerId: string },
  method: string,
): Promise<void> {
  await app.events.sql(async (client, record) => {
    const { rows } = await client.query<{ count: number }>({
      name: 'count-webhook',
      text: 'UPDATE webhooks SET count = count + 1, last_at = now() WHERE node_server_id = $1 RETURNING count',
      values: [id],
    });
    const count = rows[0]?.count;
    if (count !== undefined)
      record({
        topic: `nodeServers/${id}/webhook`,
        operation: 'UPDATE',
        ownerId,
        payload: { method, count },
      });
  });
}

/** The secret's URL. */
export const urlOf = (app: FastifyInstance, row: Row): string =>
  `${app.endpoints.publicUrl()}/webhooks/${secretOf(app, row)}`;

/** What opens the webhook of a node server, where it has one. */
export async function webhookSecrets(app: FastifyInstance, nodeServerId: string): Promise<string[]> {
  const row = await app.database.prisma.webhook.findUnique({ where: { nodeServerId } });
  return row === null ? [] : [secretOf(app, row)];
}

const secretOf = (app: FastifyInstance, { nodeServerId, secret }: Row): string =>
  app.keyring.open(secret, placeOf(nodeServerId));

export const presentWebhook = (app: FastifyInstance, row: Row, takenBy: Webhook['takenBy']): Webhook => ({
  url: urlOf(app, row),
  takenBy,
  count: row.count,
  lastAt: row.lastAt?.toISOString() ?? null,
  renewedAt: row.renewedAt.toISOString(),
});

/** After a rotation of the key: encrypts with the present one what an earlier one encrypted. */
export async function resealWebhooks({ database, keyring }: FastifyInstance): Promise<void> {
  const rows = await database.prisma.webhook.findMany({ select: { nodeServerId: true, secret: true } });
  for (const { nodeServerId, secret } of rows) {
    if (!keyring.isOld(secret)) continue;
    const place = placeOf(nodeServerId);
    await database.prisma.webhook.update({
      where: { nodeServerId },
      data: { secret: keyring.seal(keyring.open(secret, place), place) },
    });
  }
}

function newSecret(app: FastifyInstance, nodeServerId: string) {
  const secret = newToken(SECRET_BYTES);
  return { secret: app.keyring.seal(secret, placeOf(nodeServerId)), secretHash: hashToken(secret) };
}

const placeOf = (nodeServerId: string): string => `webhooks.secret:${nodeServerId}`;
