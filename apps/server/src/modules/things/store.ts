import type { FastifyInstance } from 'fastify';
import type { Transaction } from '#core/database/database.js';
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

/** What its certificate is and whether it is refused, held as it is until the commit. @throws notFound */
export async function holdThing(
  tx: Transaction,
  id: string,
): Promise<{ certificate: string; enabled: boolean; deleting: boolean }> {
  const [row] = await tx.$queryRaw<{ certificate: string; enabled: boolean; deleting: boolean }[]>`
    SELECT certificate, enabled, deleting FROM things WHERE id = ${id}::uuid FOR UPDATE`;
  if (row === undefined) throw notFound('This thing');
  return row;
}

/** Things of a user by name. */
export const ownedThings = (app: FastifyInstance, ownerId: string, limit: number): Promise<ThingRow[]> =>
  app.database.prisma.thing.findMany({
    where: { ownerId, deleting: false },
    include: INCLUDE,
    orderBy: { name: 'asc' },
    take: limit,
  });
