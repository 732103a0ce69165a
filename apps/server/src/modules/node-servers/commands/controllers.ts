import { randomBytes } from 'node:crypto';
import type { Controller as ControllerView } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { Controller } from '#generated/prisma/client.js';

/** First half of the address range of the controllers' maker; the rest is random. */
const PREFIX = '00:21:b9';

/** A controller id for people who have no controller: written like a MAC address, unique enough. */
export const newControllerUuid = (): string =>
  `${PREFIX}:${[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;

/** The built-in controller “Home” of a user, made when it is first needed. */
export async function homeController(app: FastifyInstance, ownerId: string): Promise<Controller> {
  const { prisma } = app.database;
  const first = () => prisma.controller.findFirst({ where: { ownerId }, orderBy: { createdAt: 'asc' } });
  return (
    (await first()) ??
    (await app.database.transaction(async (tx) => {
      // Two first calls at once make one.
      await tx.$queryRaw`SELECT id FROM users WHERE id = ${ownerId}::uuid FOR UPDATE`;
      const made = await tx.controller.findFirst({ where: { ownerId } });
      return made ?? tx.controller.create({ data: { ownerId, name: 'Home', uuid: newControllerUuid() } });
    }))
  );
}

export const presentController = (row: Controller & { nodeServers: { slot: number }[] }): ControllerView => ({
  id: row.id,
  uuid: row.uuid,
  name: row.name,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  slotsUsed: row.nodeServers.map(({ slot }) => slot).sort((a, b) => a - b),
});
