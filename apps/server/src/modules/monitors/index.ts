import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { MonitorsPort } from './port.js';

export type { Owner } from './commands/create.js';
export type { PayloadFormat, ReadOptions, ReadPart } from './resources/index.js';
export type { Block, BlockSink, MonitorRecord, PushSession, SessionEnd, SessionOptions } from './types.js';

declare module 'fastify' {
  interface FastifyInstance {
    monitors: MonitorsPort;
  }
}

/** Pushes what happens to applications: which events a monitor means, and each of them once it is committed. */
export const monitors = fp(
  async (app: FastifyInstance) => {
    app.decorate('monitors', new MonitorsPort(app));
  },
  { name: 'monitors', dependencies: ['core', 'http', 'access', 'node-servers', 'things', 'messages'] },
);
