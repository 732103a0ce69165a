import { FlespiChannel, FlespiFailure, MESSAGES_TTL } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { jsonOf } from '../bodies.js';
import { readChanges, readNewChannels } from '../commands/settings.js';
import { pick, readFields } from '../fields.js';
import { requireRight } from '../rights.js';
import { selectChannels } from '../select.js';
import { listChannels } from '../store.js';
import { Warnings } from '../warnings.js';

const failures = {
  '4xx': FlespiFailure.describe('What was wrong; nothing was done'),
  503: FlespiFailure.describe('Not now: try again later'),
};
const params = z.object({
  selector: z.string().describe('12 · 12,13 · all · name=garden* · several masks with commas: all must fit'),
});
const querystring = z.object({
  fields: z.string().optional().describe('Fields of the answer: id,name,configuration'),
});
const Settings = z.object({
  name: z.string(),
  enabled: z.boolean().optional(),
  messages_ttl: z.number().int().optional(),
  configuration: z.record(z.string(), z.unknown()).optional(),
});
const answer = <T extends z.ZodType>(item: T) => ({
  200: z.object({
    result: z.array(item),
    warnings: z.array(z.object({ reason: z.string() })).optional(),
  }),
  ...failures,
});
const Shown = FlespiChannel.partial();

interface Call {
  Params: { selector: string };
  Querystring: { fields?: unknown };
}

/** Channels themselves (flespi section 2). */
export function channelRoutes(app: FastifyInstance): void {
  const uri = 'gw/channels' as const;

  for (const url of ['/channels', '/channels/:selector'])
    app.get<Call>(
      url,
      {
        schema: {
          summary: url === '/channels' ? 'All my channels' : 'Channels',
          ...(url === '/channels' ? {} : { params }),
          querystring,
          response: answer(Shown),
        },
      },
      async ({ principal, params: { selector = 'all' }, query }) => {
        const fields = readFields(query.fields);
        const channels = await selectChannels(app, principal, { uri, method: 'GET' }, selector);
        return { result: channels.map((channel) => pick(channel, fields)) };
      },
    );

  app.post<Call>(
    '/channels',
    {
      schema: {
        summary: 'Make channels',
        querystring,
        body: z.union([Settings, z.array(Settings)]),
        response: answer(Shown),
      },
    },
    async ({ principal, body, query }) => {
      requireRight(principal, { uri, method: 'POST' });
      const fields = readFields(query.fields);
      const warnings = new Warnings();
      const ids: number[] = [];
      for (const { configuration, name, enabled, messagesTtl } of readNewChannels(jsonOf(body), warnings)) {
        const request = { name, enabled: enabled ?? true, messagesTtl: messagesTtl ?? MESSAGES_TTL.default };
        const made = await app.channels.create(principal, request);
        if (configuration !== undefined) await app.channels.change(principal, made, { configuration });
        ids.push(made.id);
      }
      const channels = await listChannels(app, { ids, ownerId: undefined });
      return { result: channels.map((channel) => pick(channel, fields)), ...warnings.present() };
    },
  );

  app.put<Call>(
    '/channels/:selector',
    {
      schema: {
        summary: 'Change channels; what is left out stays',
        params,
        querystring,
        body: Settings.partial(),
        response: answer(Shown),
      },
    },
    async ({ principal, body, query, params: { selector } }) => {
      const fields = readFields(query.fields);
      const channels = await selectChannels(app, principal, { uri, method: 'PUT' }, selector);
      const warnings = new Warnings();
      const change = readChanges(jsonOf(body), warnings);
      for (const { id } of channels)
        await app.channels.change(principal, await app.channels.require(principal, id), change);
      const ids = channels.map(({ id }) => id);
      const changed = await listChannels(app, { ids, ownerId: undefined });
      return { result: changed.map((channel) => pick(channel, fields)), ...warnings.present() };
    },
  );

  app.delete<Call>(
    '/channels/:selector',
    {
      schema: {
        summary: 'Delete channels with their messages',
        params,
        response: answer(z.object({ id: z.number().int() })),
      },
    },
    async ({ principal, params: { selector } }) => {
      const channels = await selectChannels(app, principal, { uri, method: 'DELETE' }, selector);
      for (const { id } of channels)
        await app.channels.remove(principal, await app.channels.require(principal, id));
      return { result: channels.map(({ id }) => ({ id })) };
    },
  );
}
