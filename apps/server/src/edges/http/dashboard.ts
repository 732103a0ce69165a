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
      globIgnore: ['assets/**'],
      index: 'index.html',
      preCompressed: true,
      setHeaders: (reply) => void reply.header('cache-control', 'no-cache'),
    });
    // Hundreds of files behind one route. Their names carry a hash of their content.
    await app.register(serveStatic, {
      root: `${folder}/assets`,
      prefix: '/assets/',
      index: false,
      // The folder itself is no file that is forbidden: there is none.
      allowedPath: (path) => !path.endsWith('/'),
      preCompressed: true,
      decorateReply: false,
      maxAge: '1y',
      immutable: true,
    });
  },
  { name: 'dashboard' },
);
