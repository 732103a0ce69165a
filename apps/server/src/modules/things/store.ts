import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import { owns, type Principal } from '#core/principal.js';

const INCLUDE = { activity: true } as const;

/** A row with what changes with every message. */
export type ThingRow = NonNullable<Awaited<ReturnType<typeof findThing>>>;

const findThing = (app: FastifyInstance, id: string) =>
  app.database.prisma.thing.findUnique({ where: { id, deleting: false }, include: INCLUDE });

/** @throws notFound, for what is somebody else’s or is being deleted too */
export async function loadThing(app: FastifyInstance, principal: Principal, id: string): Promise<ThingRow> {
  const row = await findThing(app, id);
  if (row === null || !owns(principal, row.ownerId)) throw notFound('This thing');
  return row;
}
