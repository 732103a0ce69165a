import { randomUUID, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type IssuedCertificate, mutualTlsBroker, type TestBroker } from '@polyrelay/testkit';
import { jwtVerify } from 'jose';

/** What the service under test answers instead of collecting. */
export interface Fault {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/**
 * The thing's side of a service: `collect` over HTTPS, which verifies tokens and stores an id once, and a broker that
 * asks for certificates.
 */
export class TestService {
  readonly id = randomUUID();
  readonly name = `ecd13b11-thing-${this.id.slice(0, 4)}`;
  readonly broker: TestBroker;
  readonly certificate: IssuedCertificate;
  /** Stored messages by id, in the order of their commits, and every request's id. */
  readonly stored = new Map<string, unknown>();
  readonly requests: string[] = [];
  /** The service's clock minus this computer's. */
  clockMs = 0;
  /** Answers that come before it collects again. */
  fault: ((id: string, payload: unknown) => Fault | undefined) | undefined;
  delayMs = 0;
  #server: Server;
  port = 0;

  private constructor(broker: TestBroker, certificate: IssuedCertificate, own: IssuedCertificate) {
    this.broker = broker;
    this.certificate = certificate;
    this.#server = createServer(own, (request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<TestService> {
    const broker = await mutualTlsBroker();
    const own = await broker.authority.issue('localhost', { dns: ['localhost'], ip: ['127.0.0.1'] });
    const service = new TestService(broker, await broker.authority.issue('thing', { rsa: true }), own);
    await service.goOnline();
    return service;
  }

  async goOnline(): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async goOffline(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.goOffline();
    await this.broker.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const now = Date.now() + this.clockMs;
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(status, {
        'content-type': 'application/json',
        date: new Date(now).toUTCString(),
        ...headers,
      });
      response.end(JSON.stringify(body));
    };
    if (request.method === 'HEAD') return send(200, {});
    let text = '';
    for await (const chunk of request) text += chunk;
    if (request.url !== `/prd/v1/things/${this.id}/collect`) return send(404, envelope(404, request.url));
    const refusal = await this.#verify(request.headers.authorization, now);
    if (refusal !== undefined) return send(401, envelope(401, refusal));
    const id = String(request.headers['idempotency-key']);
    this.requests.push(id);
    const fault = this.fault?.(id, JSON.parse(text));
    if (fault !== undefined)
      return send(fault.status, fault.body ?? envelope(fault.status, 'no'), fault.headers);
    if (!this.stored.has(id)) this.stored.set(id, JSON.parse(text));
    // Committed, but the answer takes its time: a thing may be killed before it has it.
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    send(200, envelope(200, 'Message collected.', { flmessagespk: id, flthingspk: this.id }));
  }

  async #verify(authorization: string | undefined, now: number): Promise<string | undefined> {
    try {
      const { publicKey } = new X509Certificate(this.certificate.cert);
      const { protectedHeader } = await jwtVerify((authorization ?? '').replace('Bearer ', ''), publicKey, {
        algorithms: ['RS256'],
        issuer: `urn:thing:${this.id}`,
        audience: `urn:flashlex:${this.id}`,
        requiredClaims: ['exp', 'nbf'],
        currentDate: new Date(now),
      });
      return protectedHeader.kid === this.id ? undefined : 'wrong kid';
    } catch (error) {
      return String(error);
    }
  }
}

const envelope = (code: number, value: unknown, result?: unknown) => ({
  status: code === 200 ? 'OK' : 'ERROR',
  code,
  messages: [{ key: 'message', value }],
  result,
});
