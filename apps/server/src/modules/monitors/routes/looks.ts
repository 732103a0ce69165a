import {
  MonitorBlockContent,
  MonitorBlockPage,
  MonitorBlockQuery,
  MonitorId,
  MonitorPreview,
  MonitorPreviewRequest,
  MonitorTemplateRequest,
  MonitorTemplateResult,
} from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { listBlocks, readBlock } from '../blocks.js';
import { preview, tryTemplate } from '../preview.js';

const tags = ['monitors'];
const params = z.object({ id: MonitorId });
const Seq = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** What monitors would send, and what they sent. */
export function lookRoutes(app: FastifyInstance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const { monitors } = app;

  routes.post(
    '/api/monitors/preview',
    {
      schema: {
        summary:
          'The latest of my events that topics match, newest first; with `after`, those behind that event',
        description: 'One call looks at a bounded number of events: go on with `after` = `last`.',
        tags,
        body: MonitorPreviewRequest,
        response: { 200: MonitorPreview },
      },
    },
    ({ principal, body }) => preview(app, principal.userId, body),
  );

  routes.post(
    '/api/monitors/check-template',
    {
      schema: {
        summary: 'What a template makes of the latest of my events that topics match',
        description: 'A template that cannot be read is refused with the line and column.',
        tags,
        body: MonitorTemplateRequest,
        response: { 200: MonitorTemplateResult },
      },
    },
    ({ principal, body }) => tryTemplate(app, principal.userId, body),
  );

  routes.get(
    '/api/monitors/:id/blocks',
    {
      schema: {
        summary: 'Blocks that a monitor sent, newest first',
        description: 'Of quick monitors without acknowledgement not each one is kept.',
        tags,
        params,
        querystring: MonitorBlockQuery,
        response: { 200: MonitorBlockPage },
      },
    },
    async ({ principal, params, query }) => {
      const { id } = await monitors.require(principal, params.id);
      return listBlocks(app, id, query);
    },
  );

  routes.get(
    '/api/monitors/:id/blocks/:seq',
    {
      schema: {
        summary: 'One block with its payload, made again from the log',
        tags,
        params: params.extend({ seq: Seq }),
        response: { 200: MonitorBlockContent },
      },
    },
    async ({ principal, params }) => readBlock(app, await monitors.require(principal, params.id), params.seq),
  );
}
