import type { EntrySource, Installed, InstallRequest, ServerJson } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { DomainError, notFound } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import type { GitSource } from '#core/sources.js';
import type { Catalogues, ListedEntry } from './catalogues.js';
import { checkEntry } from './check-entry.js';

/** Installs a copy of an entry: its program is what the entry says it is, and it is registered like any other. */
export async function installEntry(
  app: FastifyInstance,
  catalogues: Catalogues,
  principal: Principal,
  { entryId, ...request }: z.output<typeof InstallRequest> & { entryId: string },
  signal: AbortSignal,
): Promise<Installed> {
  const entry = catalogues.entries.get(entryId);
  if (entry === undefined) throw notFound('This entry of the store');
  const source = gitOf(entry.source);
  const { serverJson } = await app.sources.serverJson(source, signal);
  const { warnings } = checkEntry(entry, serverJson);
  if (signal.aborted) throw new DomainError('gone', 'cancelled', 'The installation was cancelled.');
  const { development, start, runtime, name, ...given } = request;
  const nodeServer = await app.nodeServers.register(principal, {
    ...given,
    serverJson: withIngress(serverJson, entry),
    source,
    name: name ?? freeName(entry.name, await app.nodeServers.namesOf(principal.userId)),
    catalogueEntry: entry.id,
    development,
    start: start && !development,
    ...(development ? { runtime: 'local' as const } : runtime === undefined ? {} : { runtime }),
  });
  for (const text of warnings)
    app.nodeServers.signals.emit('diagnostic', { nodeServerId: nodeServer.id, level: 'warning', text });
  return { ...nodeServer, warnings };
}

/** `Name`, or `Name 2`, `Name 3` … for further copies. */
export function freeName(name: string, taken: readonly string[]): string {
  const used = new Set(taken);
  for (let copy = 1; ; copy++) {
    const candidate = copy === 1 ? name : `${name} ${copy}`;
    if (!used.has(candidate)) return candidate;
  }
}

/** The entry may ask for calls from outside where server.json says nothing (PGC section 7). */
const withIngress = (serverJson: ServerJson, { ingressRequired }: ListedEntry): ServerJson =>
  ingressRequired === undefined || serverJson.ingressRequired !== undefined
    ? serverJson
    : { ...serverJson, ingressRequired };

function gitOf(source: EntrySource): GitSource {
  if ('git' in source) return source;
  throw new DomainError(
    'invalid',
    'archiveNotSupported',
    'The store installs from git repositories for now. Download the zip yourself, and add it under “Add a node server”.',
  );
}
