import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { DASHBOARD_FOLDER } from '#core/paths.js';
import { MAX_ARCHIVE_BYTES } from '#core/sources.js';
import { dashboard } from './dashboard.js';
import { mapErrors, sendProblem, unknownRoute } from './errors.js';
import { readJsonBodies } from './json.js';
import { openapi } from './openapi.js';
import { checkOrigin } from './origin.js';
import { system } from './system.js';
import { Upgrades } from './upgrades.js';

const MIB = 1024 * 1024;

/** Everything about HTTP that no module owns: errors, headers, cookies, limits, documentation, health, dashboard. */
export const http = fp(
  async (app: FastifyInstance, options: { dashboardFolder?: string }) => {
    mapErrors(app);
    checkOrigin(app);
    app.decorate('upgrades', new Upgrades(app));
    readJsonBodies(app);
    await app.register(cookie);
    await app.register(helmet, {
      // Plain http in a home network is normal; https is a proxy's work, and then it may add HSTS.
      hsts: app.config.publicUrl?.protocol === 'https:',
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          'default-src': ["'self'"],
          'style-src': ["'self'", "'unsafe-inline'"],
          'img-src': ["'self'", 'data:'],
          'object-src': ["'none'"],
          'base-uri': ["'none'"],
          'frame-ancestors': ["'none'"],
          'form-action': ["'self'"],
        },
      },
      referrerPolicy: { policy: 'no-referrer' },
    });
    await app.register(multipart, {
      limits: { files: 1, fileSize: MAX_ARCHIVE_BYTES, fields: 4, fieldSize: MIB },
    });
    await app.register(rateLimit, { global: false });
    await app.register(openapi);
    await app.register(system);
    await app.register(dashboard, { folder: options.dashboardFolder ?? DASHBOARD_FOLDER });
    app.setNotFoundHandler((request, reply) => {
      // A missing file of an earlier build is not a page either: the browser must not take HTML for a script.
      if (/^\/(api|assets)/.test(request.url) || request.method !== 'GET' || !app.hasDashboard)
        return sendProblem(reply, unknownRoute(request));
      return reply.sendDashboard();
    });
  },
  { name: 'http', dependencies: ['core'] },
);
