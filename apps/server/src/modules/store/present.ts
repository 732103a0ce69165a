import { basename } from 'node:path';
import type { CatalogueProblem, InstalledCopy, StoreItem } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ListedEntry, PlacedProblem } from './catalogues.js';

export type StoreCopy = Awaited<ReturnType<FastifyInstance['nodeServers']['storeCopies']>>[number];

/** An entry with the caller's copies of it. */
export function presentItem(
  app: FastifyInstance,
  entry: ListedEntry,
  copies: readonly StoreCopy[],
): StoreItem {
  const own = copies
    .filter(({ catalogueEntry }) => catalogueEntry === entry.id)
    .map(
      (copy): InstalledCopy => ({
        id: copy.id,
        name: copy.name,
        controllerId: copy.controllerId,
        controllerName: copy.controllerName,
        slot: copy.slot,
        version: copy.version,
        isUpdatable: app.nodeServers.updates.find(copy) !== null,
      }),
    );
  return { ...entry, copies: own, updateAvailable: own.some(({ isUpdatable }) => isUpdatable) };
}

/** Problems as admins see them; others are told which catalogues are missing, but not where exactly they lie. */
export function presentProblems(problems: readonly PlacedProblem[], forAdmin: boolean): CatalogueProblem[] {
  return problems
    .filter(({ path }) => forAdmin || path === '')
    .map(({ place, path, message }) => ({
      catalogue: forAdmin ? withoutSecrets(place) : shortly(place),
      path,
      message: forAdmin || !message.includes('ENOENT') ? message : 'the file is missing',
    }));
}

/** A URL without what may be secret in it: user, password and query. */
const withoutSecrets = (place: string): string =>
  URL.canParse(place) ? new URL(place).origin + new URL(place).pathname : place;

const shortly = (place: string): string => (URL.canParse(place) ? new URL(place).host : basename(place));
