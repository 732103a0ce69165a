import { rootGroup } from '@polyrelay/codecs/push-resource';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Attributes, itemOf } from '../answer/item.js';
import { pageOf, sendPage } from '../answer/page.js';
import { queryOf } from '../query.js';

const NAME = 'Group';

const ATTRIBUTES: Attributes = {
  grpId: 'number',
  grpName: 'text',
  grpDescription: 'text',
  grpPath: 'text',
  grpParentId: 'number',
};

/** What clients know the root of a tree of groups by. */
const PARENT_OF_ROOT = '1';

/** `/ws/Group`: the one group that everything of a user is in. */
export function groupRoutes(app: FastifyInstance): void {
  app.get('/Group', { schema: { summary: 'The one group' } }, list);
  for (const path of ['/Group/.json', '/Group/.xml']) app.get(path, { schema: { hide: true } }, list);

  async function list(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const query = queryOf(request, ATTRIBUTES);
    const root = rootGroup(await app.monitors.resources.customerId(request.wsCaller.userId));
    const item = {
      ...itemOf(root),
      grpDescription: `${root.grpName} root group`,
      grpParentId: PARENT_OF_ROOT,
    };
    return sendPage(request, reply, NAME, pageOf([item], query), query);
  }
}
