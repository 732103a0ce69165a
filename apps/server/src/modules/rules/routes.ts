import {
  ChannelId,
  Id,
  Rule,
  RuleChange,
  RulePreview,
  RulePreviewRequest,
  RuleRequest,
  Rules,
} from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { changeRule } from './commands/change.js';
import { createRule } from './commands/create.js';
import { previewRule } from './commands/preview.js';
import { removeRule } from './commands/remove.js';
import type { Router } from './routing/router.js';
import { listRules, loadRule, presentRule } from './store.js';

const tags = ['channels'];
const params = z.object({ id: ChannelId });
const ruleParams = params.extend({ ruleId: Id });

/** Rules of a channel over the service's own API. */
export function ruleRoutes(app: FastifyInstance, router: Router): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/api/channels/:id/rules',
    {
      schema: {
        summary: 'Rules that route into a channel, oldest first',
        tags,
        params,
        response: { 200: Rules },
      },
    },
    async ({ principal, params: { id } }) => {
      const channel = await app.channels.require(principal, id);
      return { items: (await listRules(app, channel.id)).map(presentRule) };
    },
  );

  routes.post(
    '/api/channels/:id/rules',
    {
      schema: {
        summary: 'Create a rule: it takes what comes from now on',
        tags,
        params,
        body: RuleRequest,
        response: { 201: Rule },
      },
    },
    async ({ principal, params: { id }, body }, reply) =>
      reply.code(201).send(await createRule(app, principal, id, body)),
  );

  routes.post(
    '/api/channels/:id/rules/preview',
    {
      schema: {
        summary: 'What a rule would make of the latest messages and values',
        tags,
        params,
        body: RulePreviewRequest,
        response: { 200: RulePreview },
      },
    },
    async ({ principal, params: { id }, body }) => previewRule(app, principal, id, body),
  );

  routes.get(
    '/api/channels/:id/rules/:ruleId',
    { schema: { summary: 'One rule', tags, params: ruleParams, response: { 200: Rule } } },
    async ({ principal, params: { id, ruleId } }) => {
      const channel = await app.channels.require(principal, id);
      return presentRule(await loadRule(app, channel.id, ruleId));
    },
  );

  routes.patch(
    '/api/channels/:id/rules/:ruleId',
    {
      schema: {
        summary: 'Change a rule; enabled again it takes what comes from then on',
        tags,
        params: ruleParams,
        body: RuleChange,
        response: { 200: Rule },
      },
    },
    async ({ principal, params: { id, ruleId }, body }) =>
      changeRule(app, router, principal, { channelId: id, ruleId }, body),
  );

  routes.delete(
    '/api/channels/:id/rules/:ruleId',
    {
      schema: {
        summary: 'Delete a rule; the messages it added stay',
        tags,
        params: ruleParams,
        response: { 204: z.null() },
      },
    },
    async ({ principal, params: { id, ruleId } }, reply) => {
      await removeRule(app, principal, { channelId: id, ruleId });
      return reply.code(204).send(null);
    },
  );
}
