import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import { notConnected, type OverMqtt } from './deliver/over-mqtt.js';
import { forward, join, upgrade } from './deliver/over-port.js';
import { Shares } from './deliver/share.js';
import { Guard, type NodeServerInfo, type Target } from './guard.js';
import { answerHeaders, harden, requestHeaders } from './headers.js';
import { countWebhook } from './store.js';

const MIB = 1024 * 1024;

/** What takes webhooks in: public, by any method, from any site; the secret in the path is all there is. */
export function receiveWebhooks(app: FastifyInstance, overMqtt: OverMqtt): void {
  const guard = new Guard(app);
  const shares = new Shares();
  const tunnels = new Set<() => void>();
  app.upgrades.route(app, '/webhooks/');
  app.addHook('preClose', async () => {
    for (const cut of tunnels) cut();
  });

  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MIB }, (_request, body, done) =>
      done(null, body),
    );
    scope.addHook('onRequest', (request) => guard.check(request));
    const options = { config: { public: true, anyOrigin: true }, schema: { hide: true } };
    scope.all('/webhooks/:secret', options, receive);
    scope.all('/webhooks/:secret/*', options, receive);
  });

  async function receive(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const target = guard.targetOf(request);
    const { info, taken } = target;
    if (!info.connected) throw notConnected();
    const giveBack = shares.take(info.id);
    const gone = new AbortController();
    const end = (): void => {
      gone.abort();
      giveBack();
    };
    reply.raw.on('close', end);
    if (app.upgrades.isUpgrade(request)) return tunnel(request, reply, target, gone.signal, end);
    if (taken) return byWorker(request, reply, target, gone.signal);
    return byPort(request, reply, target, gone.signal);
  }

  async function byWorker(
    request: FastifyRequest,
    reply: FastifyReply,
    { info, rest }: Target,
    signal: AbortSignal,
  ): Promise<FastifyReply> {
    const [path = '', query = ''] = rest.split(/\?(.*)/s);
    const incoming = {
      method: request.method,
      path,
      headers: requestHeaders(request, app.config.trustProxy),
      query: queryOf(new URLSearchParams(query)),
      body: bodyOf(request),
    };
    count(info, request.method);
    const answer = await overMqtt.deliver(info, incoming, signal);
    harden(reply);
    if (answer === undefined) return reply.code(202).send();
    reply.code(answer.status).headers(answerHeaders(answer.headers));
    return reply.send(answer.body.length === 0 ? undefined : answer.body);
  }

  async function byPort(
    request: FastifyRequest,
    reply: FastifyReply,
    { info, rest }: Target,
    signal: AbortSignal,
  ): Promise<FastifyReply> {
    if (info.ingressPort === undefined) throw NOT_TAKEN;
    count(info, request.method);
    const response = await forward({
      port: info.ingressPort,
      method: request.method,
      path: pathOf(rest),
      headers: requestHeaders(request, app.config.trustProxy),
      body: bodyOf(request),
      signal,
    });
    const { statusCode = 200, headers } = response;
    return harden(reply).code(statusCode).headers(answerHeaders(headers)).send(response);
  }

  async function tunnel(
    request: FastifyRequest,
    reply: FastifyReply,
    { info, rest }: Target,
    signal: AbortSignal,
    end: () => void,
  ): Promise<void> {
    if (info.ingressPort === undefined || request.headers.upgrade?.toLowerCase() !== 'websocket')
      throw NO_WEBSOCKET;
    count(info, 'WEBSOCKET');
    const headers = requestHeaders(request, app.config.trustProxy);
    const upgraded = await upgrade({
      port: info.ingressPort,
      method: 'GET',
      path: pathOf(rest),
      headers,
      signal,
    });
    // From here on the connection itself says when the caller is gone.
    reply.raw.removeListener('close', end);
    const { socket, head } = app.upgrades.accept(request, reply);
    const cut = join(socket, upgraded, head, () => {
      tunnels.delete(cut);
      end();
    });
    tunnels.add(cut);
  }

  function count(info: NodeServerInfo, method: string): void {
    countWebhook(app, info, method).catch((error: unknown) =>
      app.logger.warn({ err: error }, 'a webhook could not be counted'),
    );
  }
}

const pathOf = (rest: string): string => (rest.startsWith('/') ? rest : `/${rest}`);

/** Keys that stand several times become a list. */
function queryOf(params: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(params.keys())].map((name) => {
      const [first = '', ...more] = params.getAll(name);
      return [name, more.length === 0 ? first : [first, ...more]];
    }),
  );
}

const bodyOf = ({ body }: FastifyRequest): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0));

const NOT_TAKEN = new DomainError(
  'unavailable',
  'webhooksNotTaken',
  'This node server does not take webhooks: its program has no handler for them, and no port leads to it.',
);

const NO_WEBSOCKET = new DomainError(
  'unavailable',
  'noWebSocket',
  'Only a node server that a port leads to takes WebSocket connections.',
);
