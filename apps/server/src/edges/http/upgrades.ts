import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    upgrades: Upgrades;
  }
}

type TakeUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A connection that asks to become another protocol, and the bytes that came with the request. */
interface Upgrade {
  socket: Duplex;
  head: Buffer;
}

/** Connections that ask to become another protocol (WebSocket): each path has one that takes them, others are 404. */
export class Upgrades {
  readonly #takers: { fits: (path: string) => boolean; take: TakeUpgrade }[] = [];
  readonly #routed = new WeakMap<IncomingMessage, Upgrade>();

  constructor(app: FastifyInstance) {
    app.server.on('upgrade', (request, socket, head) => {
      // From here on node listens to it no more: without this a sender that resets the connection ends the process.
      socket.on('error', () => socket.destroy());
      const path = request.url?.split('?')[0] ?? '';
      const taker = this.#takers.find(({ fits }) => fits(path));
      if (taker === undefined) socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      else taker.take(request, socket, head);
    });
  }

  /** Takes those of one path as they are. */
  on(path: string, take: TakeUpgrade): void {
    this.#takers.push({ fits: (asked) => asked === path, take });
  }

  /** Sends those below a path through the routes, with their hooks and errors; the handler calls {@link accept}. */
  route(app: FastifyInstance, below: string): void {
    const take: TakeUpgrade = (request, socket, head) => {
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(socket as Socket);
      response.on('finish', () => socket.end());
      this.#routed.set(request, { socket, head });
      app.routing(request, response);
    };
    this.#takers.push({ fits: (asked) => asked.startsWith(below), take });
  }

  /** Whether a request in a route asks for an upgrade. */
  isUpgrade(request: FastifyRequest): boolean {
    return this.#routed.has(request.raw);
  }

  /** Gives its connection to the caller: the reply sends nothing more. */
  accept(request: FastifyRequest, reply: FastifyReply): Upgrade {
    const upgrade = this.#routed.get(request.raw);
    if (upgrade === undefined) throw new Error('This request asks for no upgrade');
    reply.hijack();
    reply.raw.detachSocket(upgrade.socket as Socket);
    return upgrade;
  }
}
