import type { RuleSource } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';

const OWNED = {
  things: 'SELECT id FROM things WHERE owner_id = $1 AND id = ANY($2::uuid[]) AND NOT deleting',
  nodeServers: `SELECT id FROM node_servers WHERE owner_id = $1 AND id = ANY($2::uuid[]) AND state <> 'deleting'`,
};
const WHAT = { things: 'This thing', nodeServers: 'This node server' };

/** The ids a source names; undefined: all of its kind. */
export function chosenOf(source: RuleSource): string[] | undefined {
  const chosen = source.kind === 'things' ? source.things : source.nodeServers;
  return chosen === 'all' ? undefined : chosen;
}

/**
 * Checks that what a source names belongs to the channel’s owner.
 * @param known what the rule named before, which may be gone meanwhile
 * @throws invalid `unknownSource`, each wrong id with its path
 */
export async function checkSource(
  app: FastifyInstance,
  ownerId: string,
  source: RuleSource,
  known: readonly string[] = [],
): Promise<void> {
  const ids = chosenOf(source);
  if (ids === undefined) return;
  const { rows } = await app.database.pool.query<{ id: string }>(OWNED[source.kind], [ownerId, ids]);
  const usable = new Set([...rows.map(({ id }) => id), ...known]);
  const message = `${WHAT[source.kind]} does not exist, or is not the owner’s of the channel`;
  const errors = ids.flatMap((id, i) =>
    usable.has(id) ? [] : [{ path: `source.${source.kind}.${i}`, message }],
  );
  const [first] = errors;
  if (first !== undefined)
    throw new DomainError('invalid', 'unknownSource', `${first.path}: ${message}. Choose another.`, {
      errors,
    });
}
