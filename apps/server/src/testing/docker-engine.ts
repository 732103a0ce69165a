import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Create, type CreatedContainer, inside, memoryOf } from './docker-container.js';

/** A container: a process of this machine in a mount namespace of its own, as far from it as bubblewrap can. */
class Container {
  readonly id = randomBytes(32).toString('hex');
  readonly asked: CreatedContainer;
  readonly attached: Socket[] = [];
  readonly ports: Server[] = [];
  child: ChildProcess | undefined;
  ended: Promise<void> = Promise.resolve();
  status: 'created' | 'running' | 'exited' = 'created';
  exitCode = 0;
  oomKilled = false;

  constructor(asked: CreatedContainer) {
    this.asked = asked;
  }

  /** `[stream, 0, 0, 0, length]` before each piece. */
  write(stream: 1 | 2, piece: Buffer): void {
    const header = Buffer.alloc(8);
    header.writeUInt8(stream, 0);
    header.writeUInt32BE(piece.length, 4);
    for (const socket of this.attached) socket.write(Buffer.concat([header, piece]));
  }

  kill(): void {
    if (this.child?.pid !== undefined) process.kill(-this.child.pid, 'SIGKILL');
  }
}

class EngineError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** How often memory is looked at; the kernel does it for the real one. */
const MEMORY_MS = 25;

/** Docker's engine on a socket of its own, as far as workers need it. Its containers are real processes. */
export class DockerEngine {
  readonly socket: string;
  /** What is there to run. */
  readonly images = new Set(['polyrelay/worker-node:test']);
  readonly #containers = new Map<string, Container>();
  readonly #folder: string;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  private constructor(folder: string) {
    this.#folder = folder;
    this.socket = join(folder, 'docker.sock');
  }

  static async start(): Promise<DockerEngine> {
    const engine = new DockerEngine(await mkdtemp(join(tmpdir(), 'pr-docker-')));
    engine.#server.listen(engine.socket);
    await once(engine.#server, 'listening');
    return engine;
  }

  /** What was asked for, of each container that is there. */
  get containers(): { id: string; status: string; asked: CreatedContainer }[] {
    return [...this.#containers.values()].map(({ id, status, asked }) => ({ id, status, asked }));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#containers.values()].map((one) => this.#remove(one)));
    this.#server.closeAllConnections();
    this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://docker');
    const path = url.pathname.replace(/^\/v1\.\d+/, '');
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
      const [, id, action] = /^\/containers\/(\w+)(?:\/(\w+))?$/.exec(path) ?? [];
      const verb = `${request.method} ${action ?? (id === 'json' || id === 'create' ? id : '')}`;
      if (path === '/_ping') response.end('OK');
      else if (verb === 'GET json' && action === undefined) this.#list(url, response);
      else if (verb === 'POST create') this.#create(body, response);
      else await this.#act(verb, this.#find(id), request, response);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      response.writeHead(error.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: error.message }));
    }
  }

  #find(id = ''): Container {
    const container = this.#containers.get(id);
    if (container === undefined) throw new EngineError(404, `No such container: ${id}`);
    return container;
  }

  #list(url: URL, response: ServerResponse): void {
    const { label = [] } = JSON.parse(url.searchParams.get('filters') ?? '{}') as { label?: string[] };
    const all = /^(1|true)$/i.test(url.searchParams.get('all') ?? '');
    const found = [...this.#containers.values()].filter(
      ({ status, asked }) =>
        (all || status === 'running') &&
        label.every((one) =>
          Object.entries(asked.Labels).some(([name, value]) => one === `${name}=${value}`),
        ),
    );
    json(
      response,
      200,
      found.map(({ id, asked, status }) => ({ Id: id, Labels: asked.Labels, State: status })),
    );
  }

  #create(body: unknown, response: ServerResponse): void {
    const { success, data: asked, error } = Create.safeParse(body);
    if (!success) throw new EngineError(400, `invalid JSON: ${z.prettifyError(error)}`);
    if (!this.images.has(asked.Image)) throw new EngineError(404, `No such image: ${asked.Image}`);
    for (const { Source } of asked.HostConfig.Mounts) {
      if (existsSync(Source)) continue;
      const problem = `bind source path does not exist: ${Source}`;
      throw new EngineError(400, `invalid mount config for type "bind": ${problem}`);
    }
    const container = new Container(asked);
    this.#containers.set(container.id, container);
    json(response, 201, { Id: container.id, Warnings: [] });
  }

  async #act(
    verb: string,
    container: Container,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    switch (verb) {
      case 'POST attach':
        // The connection becomes the output's, until that ends.
        request.socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n');
        container.attached.push(request.socket);
        return;
      case 'POST start':
        await this.#start(container);
        response.writeHead(204).end();
        return;
      case 'POST wait':
        response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
        await container.ended;
        response.end(JSON.stringify({ StatusCode: container.exitCode }));
        return;
      case 'GET json':
        json(response, 200, {
          Id: container.id,
          Config: { Image: container.asked.Image, Labels: container.asked.Labels },
          State: {
            Status: container.status,
            Running: container.status === 'running',
            OOMKilled: container.oomKilled,
            Pid: container.child?.pid ?? 0,
            ExitCode: container.exitCode,
            Error: '',
          },
        });
        return;
      case 'POST kill':
        if (container.status !== 'running')
          throw new EngineError(409, `container ${container.id} is not running`);
        container.kill();
        await container.ended;
        response.writeHead(204).end();
        return;
      case 'DELETE ':
        await this.#remove(container);
        response.writeHead(204).end();
        return;
      default:
        throw new EngineError(404, 'page not found');
    }
  }

  async #start(container: Container): Promise<void> {
    const { HostConfig } = container.asked;
    for (const { HostPort } of Object.values(HostConfig.PortBindings ?? {}).flat())
      container.ports.push(await publish(HostPort));
    const hosts = join(this.#folder, `${container.id}.hosts`);
    const names = HostConfig.ExtraHosts.map((one) => one.replace(/^([^:]+):host-gateway$/, '127.0.0.1 $1'));
    writeFileSync(hosts, ['127.0.0.1 localhost', ...names, ''].join('\n'));
    const [file = '', ...args] = inside(container.asked, hosts);
    const child = spawn(file, args, {
      env: {
        PATH: process.env.PATH,
        ...Object.fromEntries(container.asked.Env.map((one) => one.split(/=(.*)/s, 2) as [string, string])),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    container.child = child;
    container.status = 'running';
    child.stdout.on('data', (piece: Buffer) => container.write(1, piece));
    child.stderr.on('data', (piece: Buffer) => container.write(2, piece));
    const watch = setInterval(() => {
      if (memoryOf(child.pid ?? 0) <= HostConfig.Memory) return;
      container.oomKilled = true;
      container.kill();
    }, MEMORY_MS);
    container.ended = once(child, 'close').then(([code, signal]) => {
      clearInterval(watch);
      container.status = 'exited';
      container.exitCode = signal === null ? (code as number) : 137;
      for (const socket of container.attached) socket.end();
      for (const port of container.ports) port.close();
    });
  }

  async #remove(container: Container): Promise<void> {
    if (container.status === 'running') container.kill();
    await container.ended;
    for (const socket of container.attached) socket.end();
    this.#containers.delete(container.id);
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Holds a published port, as the engine does. */
async function publish(port: string): Promise<Server> {
  const server = createTcpServer((socket) => socket.destroy());
  server.listen(Number(port));
  await once(server, 'listening').catch(() => {
    const problem = `Bind for 0.0.0.0:${port} failed: port is already allocated`;
    throw new EngineError(500, `driver failed programming external connectivity on endpoint: ${problem}`);
  });
  return server;
}
