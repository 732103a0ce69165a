import { statfs } from 'node:fs/promises';
import { Health, Overview } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { freeBytes, LOW_DISK_BYTES } from '#core/disk.js';
import { messageOf } from '#core/errors.js';
import { VERSION } from '#core/version.js';

const RATES = [
  'driverUpdates',
  'workerMessages',
  'relays',
  'messagesCollected',
  'messagesPublished',
] as const;

/** Health, metrics, CA certificate, and the overview's figures. */
export const system = fp(
  async (app: FastifyInstance) => {
    const startedAt = new Date();
    const routes = app.withTypeProvider<ZodTypeProvider>();

    routes.get(
      '/api/health',
      {
        config: { public: true },
        schema: {
          summary: 'Whether all parts work',
          tags: ['system'],
          security: [],
          response: { 200: Health, 503: Health },
        },
      },
      async (_request, reply) => {
        const health = await readHealth(app, startedAt);
        return reply.code(health.status === 'ok' ? 200 : 503).send(health);
      },
    );

    routes.get('/metrics', { config: { public: true }, schema: { hide: true } }, async (_request, reply) =>
      reply.type(app.metrics.registry.contentType).send(await app.metrics.registry.metrics()),
    );

    routes.get(
      '/api/ca.pem',
      {
        config: { public: true },
        schema: {
          summary: 'Certificate of the service’s own CA',
          tags: ['system'],
          security: [],
          response: { 200: z.string() },
        },
      },
      async (_request, reply) =>
        reply.type('application/x-pem-file').serializer(String).send(app.authority.caPem),
    );

    routes.get(
      '/api/overview',
      { schema: { summary: 'Figures of the first page', tags: ['system'], response: { 200: Overview } } },
      async (): Promise<Overview> => {
        const [health, size, disk] = await Promise.all([
          readHealth(app, startedAt),
          app.database.pool.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes'),
          statfs(app.config.dataDir),
        ]);
        return {
          version: VERSION,
          publicUrl: app.endpoints.publicUrl(),
          startedAt: startedAt.toISOString(),
          health,
          database: {
            kind: app.config.databaseUrl === undefined ? 'embedded' : 'outside',
            bytes: Number(size.rows[0]?.bytes ?? 0),
          },
          broker: {
            kind: app.mqtt.broker?.kind ?? 'embedded',
            clients: app.mqtt.broker?.clients() ?? 0,
            host: app.endpoints.brokerHost,
            port: app.mqtt.broker?.port ?? app.config.mqtt.port,
          },
          push: {
            host: app.endpoints.publicHost,
            port: app.push.port || null,
            tlsPort: app.push.tlsPort || null,
          },
          disk: { freeBytes: disk.bavail * disk.bsize, totalBytes: disk.blocks * disk.bsize },
          memoryBytes: process.memoryUsage.rss(),
          rates: RATES.map((name) => ({ name, perMinute: app.metrics.perMinute(name) })),
        };
      },
    );
  },
  { name: 'system' },
);

async function readHealth(app: FastifyInstance, startedAt: Date): Promise<Health> {
  const [database, disk] = await Promise.all([databaseHealth(app), diskHealth(app.config.dataDir)]);
  const broker = app.mqtt.broker?.health() ?? {
    status: 'failing' as const,
    detail: 'The broker is starting.',
  };
  const ok = [database, disk, broker].every((part) => part.status === 'ok');
  return {
    status: ok ? 'ok' : 'failing',
    version: VERSION,
    database,
    broker,
    disk,
    uptimeSeconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
  };
}

async function databaseHealth(app: FastifyInstance): Promise<Health['database']> {
  try {
    await app.database.pool.query('SELECT 1');
    return {
      status: 'ok',
      detail: app.config.databaseUrl === undefined ? 'embedded PostgreSQL' : 'outside PostgreSQL',
    };
  } catch (error) {
    return { status: 'failing', detail: `The database does not answer: ${messageOf(error)}` };
  }
}

async function diskHealth(folder: string): Promise<Health['disk']> {
  const free = await freeBytes(folder);
  if (free < LOW_DISK_BYTES)
    return {
      status: 'failing',
      detail: `Only ${Math.round(free / 1048576)} MiB are free in the data folder. Free some space.`,
    };
  return { status: 'ok', detail: `${(free / 1024 ** 3).toFixed(1)} GiB free` };
}
