import type {
  EntrySource,
  Installed,
  InstallRequest,
  NodeServer,
  ServerJson,
  Source,
} from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { DomainError, notFound } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
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
  const { serverJson, source } = await look(app, entry.source, signal);
  const checked = async (): Promise<Installed> => {
    const { warnings } = checkEntry(entry, serverJson);
    if (signal.aborted) throw new DomainError('gone', 'cancelled', 'The installation was cancelled.');
    return { ...(await register(app, principal, { entry, serverJson, source, request })), warnings };
  };
  const made = await checked().catch(async (error: unknown) => {
    if ('archive' in source) await app.nodeServers.removeArchive(source.archive);
    throw error;
  });
  for (const text of made.warnings)
    app.nodeServers.signals.emit('diagnostic', { nodeServerId: made.id, level: 'warning', text });
  return made;
}

/** Reads the server.json of an entry; a zip is here from then on. */
async function look(
  app: FastifyInstance,
  source: EntrySource,
  signal: AbortSignal,
): Promise<{ serverJson: ServerJson; source: Source }> {
  if ('git' in source)
    return { serverJson: (await app.sources.serverJson(source, signal)).serverJson, source };
  const { serverJson, archive } = await app.sources.archive(source.archive, signal);
  return { serverJson, source: { archive } };
}

async function register(
  app: FastifyInstance,
  principal: Principal,
  what: {
    entry: ListedEntry;
    serverJson: ServerJson;
    source: Source;
    request: z.output<typeof InstallRequest>;
  },
): Promise<NodeServer> {
  const { entry, serverJson, source, request } = what;
  const { development, start, runtime, name, ...given } = request;
  return app.nodeServers.register(principal, {
    ...given,
    serverJson: withIngress(serverJson, entry),
    source,
    name: name ?? freeName(entry.name, await app.nodeServers.namesOf(principal.userId)),
    catalogueEntry: entry.id,
    development,
    start: start && !development,
    ...(development ? { runtime: 'local' as const } : runtime === undefined ? {} : { runtime }),
  });
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
