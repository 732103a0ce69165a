import {
  EntryId,
  Installed,
  InstallRequest,
  StoreItem,
  StorePage,
  StoreQuery,
  StoreRefresh,
} from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { notFound } from '#core/errors.js';
import { isAdmin } from '#core/principal.js';
import { whileThere } from '#edges/http/while-there.js';
import { installEntry } from './install.js';
import { presentItem, presentProblems } from './present.js';
import { findEntries } from './search.js';
import type { Store } from './store.js';

const tags = ['store'];
const params = z.object({ entryId: EntryId });

/** The store: what can be installed, and what the caller has of it. */
export function storeRoutes(app: FastifyInstance, store: Store): void {
  const { catalogues } = store;
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/api/store',
    {
      schema: {
        summary: 'Node servers that can be installed',
        description:
          'Of all catalogues, by name. Every word of `search` is found in name, author, description or tags.',
        tags,
        querystring: StoreQuery,
        response: { 200: StorePage },
      },
    },
    async ({ query, principal }) => {
      const { items, nextCursor, total } = findEntries([...catalogues.entries.values()], query);
      const copies = await app.nodeServers.storeCopies(principal.userId);
      return {
        items: items.map((entry) => presentItem(app, entry, copies)),
        nextCursor,
        total,
        problems: presentProblems(catalogues.problems, isAdmin(principal)),
        refreshedAt: catalogues.refreshedAt,
      };
    },
  );

  routes.post(
    '/api/store/refresh',
    { schema: { summary: 'Read the catalogues again', tags, response: { 200: StoreRefresh } } },
    async ({ principal }) => {
      await store.refresh();
      return {
        problems: presentProblems(catalogues.problems, isAdmin(principal)),
        refreshedAt: catalogues.refreshedAt,
      };
    },
  );

  routes.get(
    '/api/store/:entryId',
    { schema: { summary: 'One entry of the store', tags, params, response: { 200: StoreItem } } },
    async ({ params: { entryId }, principal }) => {
      const entry = catalogues.entries.get(entryId);
      if (entry === undefined) throw notFound('This entry of the store');
      return presentItem(app, entry, await app.nodeServers.storeCopies(principal.userId));
    },
  );

  routes.post(
    '/api/store/:entryId/install',
    {
      schema: {
        summary: 'Install a copy of an entry',
        description:
          'Its server.json is read first and compared with the entry. In development mode it is not started: run the worker yourself with the `pgUrl` of the answer.',
        tags,
        params,
        body: InstallRequest,
        response: { 201: Installed },
      },
    },
    async ({ params: { entryId }, body, principal }, reply) => {
      const request = { entryId, ...body };
      const made = await installEntry(app, catalogues, principal, request, whileThere(reply));
      return reply.code(201).send(made);
    },
  );
}
