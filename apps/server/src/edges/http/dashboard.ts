import { access } from 'node:fs/promises';
import serveStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import fp from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyInstance {
    hasDashboard: boolean;
  }
  interface FastifyReply {
    sendDashboard(): FastifyReply;
  }
}

const YEAR_SECONDS = 31_536_000;

/** Serves the built dashboard; every unknown path that a browser opens is one of its pages. */
export const dashboard = fp(
  async (app: FastifyInstance, { folder }: { folder: string }) => {
    const built = await access(`${folder}/index.html`).then(
      () => true,
      () => false,
    );
    app.decorate('hasDashboard', built);
    app.decorateReply('sendDashboard', function sendDashboard(this: FastifyReply) {
      return this.header('cache-control', 'no-cache').sendFile('index.html', folder);
    });
    if (!built) return;
    await app.register(serveStatic, {
      root: folder,
      wildcard: false,
      index: 'index.html',
      preCompressed: true,
      // Names of built files carry a hash of their content.
      setHeaders: (reply, path) => {
        reply.header(
          'cache-control',
          path.includes('/assets/') ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache',
        );
      },
    });
  },
  { name: 'dashboard' },
);
