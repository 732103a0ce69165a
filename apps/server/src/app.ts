import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { MAX_PART, refuseAddress } from './address.js';
import type { Config } from './config.js';
import { core } from './core/index.js';
import { http } from './edges/http/index.js';
import { live } from './edges/live/index.js';
import { mqtt } from './edges/mqtt/index.js';
import { mqttWebSocket } from './edges/mqtt/websocket.js';
import { modules } from './modules.js';

const BODY_BYTES = 4 * 1024 * 1024;

/**
 * Puts the service together. Nothing listens yet: `app.ready()` starts the broker and the workers, `app.listen()`
 * HTTP, `app.close()` ends everything in the reverse order.
 */
export async function buildApp(config: Config, logger: Logger): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: logger.child({}, { serializers: { req: withoutSecrets } }),
    // Requests are not logged: the query of a callback carries the code.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES,
    trustProxy: config.trustProxy,
    forceCloseConnections: true,
    pluginTimeout: 0,
    // Selectors of channels are lists.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PART },
    // Before routing no error handler is asked: a path that cannot be decoded.
    frameworkErrors: (error, request, reply) => void refuseAddress(error, request, reply),
  }) as unknown as FastifyInstance;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  try {
    await app.register(core, { config, logger });
    await app.register(http);
    await app.register(mqtt);
    await app.register(mqttWebSocket);
    for (const module of modules) await app.register(module);
    await app.register(live);
    await app.ready();
    return app;
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
}

/** The query may carry a code, and the path of a webhook is its secret. */
const withoutSecrets = (request: { method: string; url: string }): { method: string; path: string } => ({
  method: request.method,
  path: (request.url.split('?')[0] ?? '').replace(/^(\/webhooks\/).*/, '$1…'),
});
