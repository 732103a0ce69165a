import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/** The REST API of FlashLex, as its published clients speak it: `/v1`, `/dev/v1`, `/prd/v1`. */
export const flashlex = fp(
  async (_app: FastifyInstance) => {
    // Its routes stand on `app.things`, `app.messages` and `app.policies`.
  },
  { name: 'flashlex', dependencies: ['http', 'access', 'policies', 'things', 'messages'] },
);
