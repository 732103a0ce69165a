import type { FastifyInstance } from 'fastify';
import { RECEIVER_FILE } from '#core/paths.js';
import { programRoute } from '#core/program.js';

/** The program that reads channels. */
export const receiverRoute = (app: FastifyInstance): void =>
  programRoute(app, {
    path: RECEIVER_FILE,
    name: 'receiver.mjs',
    title: 'receiver of channels',
    missingCode: 'receiverMissing',
    tag: 'channels',
  });
