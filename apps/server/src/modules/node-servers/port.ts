import type { WorkerMessage, WorkerStart, WorkerState } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { Principal } from '#core/principal.js';
import type { Context } from './context.js';
import { findSignInLink } from './notices.js';
import { workerStart } from './pgurl.js';
import type { NodeServerRef } from './refs.js';
import type { Signals } from './signals.js';
import { loadNodeServer } from './store/rows.js';
import { uploadsFolder } from './uploads.js';

/** A node server as other modules need it. */
export interface NodeServerInfo {
  id: string;
  ownerId: string;
  worker: string;
  name: string;
  slot: number;
  runtime: string;
  language: string;
  desired: string;
  state: WorkerState;
  connected: boolean;
  source: unknown;
  serverJson: Record<string, unknown>;
  /** The provider as the user configured it. */
  oauth: { url: string; clientId: string } | undefined;
}

/** What this module offers to others: the only way they reach node servers. */
export class NodeServersPort {
  readonly #context: Context;
  /** Runtimes that can be chosen; each is added by who brings it. */
  readonly runtimes = new Set<string>(['local']);

  constructor(context: Context) {
    this.#context = context;
  }

  get signals(): Signals {
    return this.#context.signals;
  }

  get uploadsFolder(): string {
    return uploadsFolder(this.#context.app);
  }

  byWorker(worker: string): Promise<NodeServerRef | undefined> {
    return this.#context.refs.byWorker(worker);
  }

  /** @throws DomainError `notFound` when it is not there or not the caller's */
  async find(principal: Principal, id: string): Promise<NodeServerInfo> {
    return infoOf(await loadNodeServer(this.#context.app, principal, id));
  }

  /** The same for the service itself. */
  async get(id: string): Promise<NodeServerInfo | undefined> {
    const row = await this.#context.app.database.prisma.nodeServer.findUnique({ where: { id } });
    return row === null ? undefined : infoOf(row);
  }

  async all(): Promise<NodeServerInfo[]> {
    return (
      await this.#context.app.database.prisma.nodeServer.findMany({ orderBy: { timeAdded: 'asc' } })
    ).map(infoOf);
  }

  /** Whether another node server is configured with this client of a provider. */
  async isForeignClient(id: string, clientId: string): Promise<boolean> {
    return (
      (await this.#context.app.database.prisma.nodeServer.count({
        where: { oauthClientId: clientId, id: { not: id } },
      })) > 0
    );
  }

  start(id: string): Promise<WorkerStart | undefined> {
    return workerStart(this.#context.app, id);
  }

  /** Hands a message to a worker; false when it is not connected. */
  send(to: { id: string; worker: string }, message: WorkerMessage): Promise<boolean> {
    return this.#context.link.send(to, message);
  }

  /** The provider link in a notice; undefined when there is no such notice, or no such link in it. */
  async signInLink(
    nodeServer: Pick<NodeServerInfo, 'id' | 'worker'>,
    noticeKey: string,
  ): Promise<string | undefined> {
    const where = { nodeServerId_key: { nodeServerId: nodeServer.id, key: noticeKey } };
    const notice = await this.#context.app.database.prisma.notice.findUnique({ where });
    return notice === null ? undefined : findSignInLink(notice.content, nodeServer.worker);
  }

  /** Sets the state a worker is in, and why; and what the user wants of it. */
  async setState(
    id: string,
    change: { state?: WorkerState; stateReason?: string; desired?: 'running' | 'stopped' },
  ): Promise<void> {
    await this.#change(id, change, change);
  }

  /** Notes that an account was linked through the relay. */
  async setLinked(id: string, at: Date): Promise<void> {
    await this.#change(id, { linkedAt: at }, { linkedAt: at.toISOString() });
  }

  /** Called while a node server is deleted, before its row goes. */
  onDelete(hook: (nodeServer: { id: string; worker: string }) => Promise<void>): void {
    this.#context.deleteHooks.push(hook);
  }

  async #change(id: string, data: object, payload: object): Promise<void> {
    await this.#context.app.events.transaction(async (tx, record) => {
      const row = await tx.nodeServer.findUnique({ where: { id }, select: { ownerId: true, state: true } });
      // A node server that is being deleted stays so, whatever its process does meanwhile.
      if (row === null || row.state === 'deleting') return;
      await tx.nodeServer.update({ where: { id }, data: { ...data, changedAt: new Date() } });
      record({
        topic: `nodeServers/${id}`,
        operation: 'UPDATE',
        ownerId: row.ownerId,
        payload: { ...payload },
      });
    });
  }
}

type InfoRow = Awaited<ReturnType<FastifyInstance['database']['prisma']['nodeServer']['findUniqueOrThrow']>>;

const infoOf = (row: InfoRow): NodeServerInfo => ({
  id: row.id,
  ownerId: row.ownerId,
  worker: row.worker,
  name: row.name,
  slot: row.slot,
  runtime: row.runtime,
  language: row.language,
  desired: row.desired,
  state: row.state as WorkerState,
  connected: row.connected,
  source: row.source,
  serverJson: row.serverJson as Record<string, unknown>,
  oauth: row.oauthUrl === null ? undefined : { url: row.oauthUrl, clientId: row.oauthClientId ?? '' },
});
