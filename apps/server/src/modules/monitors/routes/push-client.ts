import type { FastifyInstance } from 'fastify';
import { PUSH_CLIENT_FILE } from '#core/paths.js';
import { programRoute } from '#core/program.js';

/** The program that makes monitors and receives their events. */
export const pushClientRoute = (app: FastifyInstance): void =>
  programRoute(app, {
    path: PUSH_CLIENT_FILE,
    name: 'push-client.mjs',
    title: 'client of push monitors',
    missingCode: 'pushClientMissing',
    tag: 'monitors',
  });
