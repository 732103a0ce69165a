import type { WorkerStart } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DomainError } from '#core/errors.js';
import { sameSecret } from '#core/secrets/tokens.js';
import { readRecord } from './store/record.js';
import { secretPlace } from './store/rows.js';

const Params = z.object({
  userId: z.uuid(),
  id: z.string().max(50),
  profileNum: z.union([z.string(), z.number()]).transform(Number).pipe(z.number().int().min(1).max(25)),
  password: z.string().min(1).max(200),
});

const REFUSED = new DomainError(
  'forbidden',
  'pgUrlRefused',
  'This PGURL is not valid: the node server was deleted or added again. Copy its present PGURL from the dashboard.',
);

/** Everything a worker needs to start (PGC section 2): its record, where the broker is, its certificate. */
export async function workerStart(app: FastifyInstance, id: string): Promise<WorkerStart | undefined> {
  const [parts, row] = await Promise.all([
    readRecord(app, id),
    app.database.prisma.nodeServer.findUnique({
      where: { id },
      select: { worker: true, certificate: true, privateKey: true },
    }),
  ]);
  if (parts === undefined || row === null) return undefined;
  return {
    nodeServer: { ...parts.record, nodes: JSON.parse(parts.nodes) as WorkerStart['nodeServer']['nodes'] },
    iotHost: app.endpoints.brokerHost,
    stage: app.config.stage,
    iotCert: row.certificate,
    iotPrivateKey: app.keyring.open(row.privateKey, secretPlace('private_key', row.worker)),
    caCert: app.authority.caPem,
    ...(app.mqtt.broker === undefined ? {} : { mqttPort: app.mqtt.broker.port }),
  };
}

/** `GET /api/sys/nsgetioturl?params=…`: the PGURL. Its secret is its sign-in. */
export function pgUrlRoute(app: FastifyInstance): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/sys/nsgetioturl',
    {
      config: { public: true, rateLimit: { max: 1200, timeWindow: 60_000 } },
      schema: {
        summary: 'The PGURL: what a worker needs to start',
        tags: ['node servers'],
        security: [],
        querystring: z.object({ params: z.string().max(2000).optional() }),
      },
    },
    async (request, reply) => {
      const { userId, id, profileNum, password } = parseParams(request.query.params);
      const row = await app.database.prisma.nodeServer.findFirst({
        where: { ownerId: userId, slot: profileNum, controller: { uuid: id }, state: { not: 'deleting' } },
        select: { id: true, worker: true, pgSecret: true },
      });
      if (
        row === null ||
        !sameSecret(app.keyring.open(row.pgSecret, secretPlace('pg_secret', row.worker)), password)
      )
        throw REFUSED;
      const start = await workerStart(app, row.id);
      if (start === undefined) throw REFUSED;
      return reply.header('cache-control', 'no-store').send(start);
    },
  );
}

function parseParams(text: string | undefined): z.output<typeof Params> {
  try {
    return Params.parse(JSON.parse(Buffer.from(text ?? '', 'base64url').toString('utf8')));
  } catch (cause) {
    const message =
      'The PGURL is not complete: “params” must be base64url of {"userId","id","profileNum","password"}. Copy it whole from the dashboard.';
    throw new DomainError('invalid', 'badPgUrl', message, { cause });
  }
}
