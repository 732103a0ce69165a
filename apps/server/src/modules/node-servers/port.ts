import type { Device } from '@polyrelay/codecs/push-resource';
import {
  DEFAULT_LIMITS,
  type Installation,
  type Limits,
  type LogLevel,
  type NodeServer,
  type Release,
  type RuntimeName,
  type ServerJson,
  type Source,
  type WorkerMessage,
  type WorkerStart,
  type WorkerState,
} from '@polyrelay/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Transaction } from '#core/database/database.js';
import type { Principal } from '#core/principal.js';
import { Prisma } from '#generated/prisma/client.js';
import { AvailableUpdates } from './available-updates.js';
import { type Registration, registerNodeServer } from './commands/register.js';
import type { Context, DeleteHook } from './context.js';
import { allocateMissingPorts, ingressOfRelease, mappedPortOf, presentIngress } from './ingress.js';
import { findSignInLink } from './notices.js';
import { workerStart } from './pgurl.js';
import type { NodeServerRef } from './refs.js';
import { RuntimeChoices } from './runtimes.js';
import type { Signals } from './signals.js';
import { devicesById, readDevices } from './store/devices.js';
import {
  type DriverFilter,
  type DriverValue,
  readDrivers,
  readSamples,
  type Sample,
  type SampleRange,
} from './store/drivers.js';
import { nodeNames, noticeTexts, type PartOf } from './store/parts.js';
import { loadNodeServer } from './store/rows.js';
import { secretsOf } from './store/secrets.js';
import { archiveOf, newArchive, readArchive, removeArchives, sourcesOf, uploadsFolder } from './uploads.js';

/** A node server as other modules need it. */
export interface NodeServerInfo {
  id: string;
  ownerId: string;
  worker: string;
  name: string;
  slot: number;
  runtime: RuntimeName;
  limits: Limits;
  language: string;
  desired: string;
  state: WorkerState;
  connected: boolean;
  source: Source | null;
  /** Entry of the store that it came from. */
  catalogueEntry: string | null;
  serverJson: Record<string, unknown>;
  installed: Release | null;
  previous: PreviousRelease | null;
  installation: Installation | null;
  /** The provider as the user configured it. */
  oauth: { url: string; clientId: string } | undefined;
  /** The port of this machine that leads to port 3000 inside, where the runtime maps one and it is wanted. */
  ingressPort: number | undefined;
}

/** A release that can be gone back to, with all that belongs to it. */
export interface PreviousRelease {
  installed: Release;
  source: Source;
  serverJson: ServerJson;
}

/** The release that runs, and the one before it. */
export interface CurrentRelease extends PreviousRelease {
  previous: PreviousRelease | null;
}

/** A node server that came from the store. */
export interface StoreCopy {
  id: string;
  ownerId: string;
  name: string;
  controllerId: string;
  controllerName: string;
  slot: number;
  version: string;
  source: unknown;
  catalogueEntry: string;
}

/** How the log of a worker is kept. */
export interface LogSettings {
  /** Lines below it are not. */
  level: LogLevel;
  /** Values that open something; they are taken out. */
  secrets: string[];
}

/** What this module offers to others: the only way they reach node servers. */
export class NodeServersPort {
  readonly #context: Context;
  readonly #secrets: ((id: string) => Promise<string[]>)[] = [];
  readonly runtimes = new RuntimeChoices();
  /** Whether a newer version is to be had; told by who knows catalogues. */
  readonly updates = new AvailableUpdates();
  /** The address from which calls reach a node server; told by who takes them. */
  webhookUrl: ((nodeServer: { id: string; ownerId: string }) => Promise<string>) | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  get signals(): Signals {
    return this.#context.signals;
  }

  get uploadsFolder(): string {
    return uploadsFolder(this.#context.app);
  }

  /** Stores the zip of a multipart request. @returns its name in `uploadsFolder` */
  takeArchive(request: FastifyRequest): Promise<string> {
    return readArchive(this.#context.app, request);
  }

  /** Room for a zip that another module downloads. @returns its name in `uploadsFolder` */
  newArchive(): Promise<string> {
    return newArchive(this.#context.app);
  }

  /** Removes a zip that was not needed after all. */
  removeArchive(archive: string): Promise<void> {
    return removeArchives(this.#context.app, [{ archive }]);
  }

  byWorker(worker: string): Promise<NodeServerRef | undefined> {
    return this.#context.refs.byWorker(worker);
  }

  /** @throws DomainError `notFound` when it is not there or not the caller's */
  async find(principal: Principal, id: string): Promise<NodeServerInfo> {
    return this.#infoOf(await loadNodeServer(this.#context.app, principal, id));
  }

  /** The same for the service itself. */
  async get(id: string): Promise<NodeServerInfo | undefined> {
    const row = await this.#context.app.database.prisma.nodeServer.findUnique({ where: { id } });
    return row === null ? undefined : this.#infoOf(row);
  }

  /** Node servers by their ids, for those who are sent events of them; those that are gone are left out. */
  devicesById(ids: readonly string[]): Promise<Device[]> {
    return devicesById(this.#context.app.database.pool, ids);
  }

  /** Names of nodes, by `{node server}/{address}`. */
  nodeNames(nodes: readonly PartOf[]): Promise<Map<string, string>> {
    return nodeNames(this.#context.app.database.pool, nodes);
  }

  /** Notices as plain text without links that open something, by `{node server}/{key}`. */
  noticeTexts(notices: readonly PartOf[]): Promise<Map<string, string>> {
    return noticeTexts(this.#context.app.database.pool, notices);
  }

  async all(): Promise<NodeServerInfo[]> {
    const rows = await this.#context.app.database.prisma.nodeServer.findMany({
      orderBy: { timeAdded: 'asc' },
    });
    return rows.map((row) => this.#infoOf(row));
  }

  /** All node servers of a user, or the one asked for, as inventories show them. */
  devices(ownerId: string, id?: string): Promise<Device[]> {
    return readDevices(this.#context.app.database.pool, ownerId, id);
  }

  /** A part of a user's drivers with their values, and how many there are. */
  drivers(
    ownerId: string,
    filter: DriverFilter,
    part: { offset: number; limit: number },
  ): Promise<{ drivers: DriverValue[]; total: number }> {
    return readDrivers(this.#context.app.database.pool, ownerId, filter, part);
  }

  /** A part of a driver's history. @param driver as {@link drivers} gives it: it is the caller's already */
  samples(driver: DriverValue, range: SampleRange): Promise<Sample[]> {
    return readSamples(this.#context.app.database.pool, driver.id, range);
  }

  /** Registers a node server as `POST /api/node-servers` does, for another module. */
  register(principal: Principal, registration: Registration): Promise<NodeServer> {
    return registerNodeServer(this.#context, principal, registration);
  }

  /** Names of a user's node servers, to find a new one. */
  async namesOf(ownerId: string): Promise<string[]> {
    const rows = await this.#context.app.database.prisma.nodeServer.findMany({
      where: { ownerId },
      select: { name: true },
    });
    return rows.map(({ name }) => name);
  }

  /** What was installed from the store, by one user or (left out) by all; without what is being deleted. */
  async storeCopies(ownerId?: string): Promise<StoreCopy[]> {
    const rows = await this.#context.app.database.prisma.nodeServer.findMany({
      where: {
        catalogueEntry: { not: null },
        state: { not: 'deleting' },
        ...(ownerId === undefined ? {} : { ownerId }),
      },
      include: { controller: { select: { name: true } } },
      orderBy: [{ controllerId: 'asc' }, { slot: 'asc' }],
    });
    return rows.map(({ id, name, slot, version, source, controllerId, controller, ...row }) => ({
      ...{ id, name, slot, version, source, controllerId },
      ownerId: row.ownerId,
      controllerName: controller.name,
      catalogueEntry: row.catalogueEntry ?? '',
    }));
  }

  /** Says that a newer version of a node server is to be had, or no longer (null). */
  async announceUpdate(copy: StoreCopy): Promise<void> {
    await this.#context.app.events.transaction(async (_tx, record) => {
      record({
        topic: `nodeServers/${copy.id}`,
        operation: 'UPDATE',
        ownerId: copy.ownerId,
        payload: { updateAvailable: this.updates.find(copy) },
      });
    });
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

  /** What its record holds has changed. */
  configNeeded(to: { id: string; worker: string }): void {
    this.#context.link.configNeeded(to);
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

  /** Sets how far the newest installation is; null when there is none to speak of. */
  async setInstallation(id: string, installation: Installation): Promise<void> {
    await this.#change(id, { installation }, { installation });
  }

  /**
   * Makes a release the one that runs, with the source and server.json it came from.
   * @throws DomainError `noIngressPort` when it needs a port, and none is left
   */
  async setRelease(id: string, release: CurrentRelease): Promise<void> {
    const { installed, previous, source, serverJson } = release;
    const data = {
      installed,
      previous: previous === null ? Prisma.DbNull : (previous as object),
      source: source as object,
      serverJson: serverJson as object,
      version: installed.version,
      language: serverJson.type,
    };
    const { app } = this.#context;
    const payload = { version: installed.version, installed, language: serverJson.type };
    let before: (Source | null)[] = [];
    await this.#change(id, data, payload, (tx, row) => {
      before = sourcesOf(row);
      return ingressOfRelease(app, tx, row, serverJson);
    });
    const kept = sourcesOf(release).map(archiveOf);
    await removeArchives(
      app,
      before.filter((one) => !kept.includes(archiveOf(one))),
    );
  }

  /** Gives ports to node servers whose runtime can map one only since this start. */
  allocateMissingPorts(): Promise<void> {
    return allocateMissingPorts(this.#context.app);
  }

  /** Notes that an account was linked through the relay. */
  async setLinked(id: string, at: Date): Promise<void> {
    await this.#change(id, { linkedAt: at }, { linkedAt: at.toISOString() });
  }

  /** From which level on its log is kept, and what must never stand in it. */
  async logSettings(id: string): Promise<LogSettings> {
    const { app } = this.#context;
    const row = await app.database.prisma.nodeServer.findUnique({ where: { id } });
    if (row === null) return { level: 'debug', secrets: [] };
    const others = await Promise.all(this.#secrets.map((secrets) => secrets(id)));
    return { level: row.logLevel as LogLevel, secrets: [...others.flat(), ...secretsOf(app, row)] };
  }

  /** Names what else opens something of a node server, so that its log never shows it. */
  addSecrets(secrets: (id: string) => Promise<string[]>): void {
    this.#secrets.push(secrets);
  }

  /** Called while a node server is deleted, before its row goes. */
  onDelete(hook: DeleteHook): void {
    this.#context.deleteHooks.push(hook);
  }

  #infoOf(row: InfoRow): NodeServerInfo {
    return { ...infoOf(row), ingressPort: mappedPortOf(this.runtimes, row) };
  }

  /** @param ingressOf what the change means for inbound traffic; undefined: nothing */
  async #change(
    id: string,
    data: object,
    payload: object,
    ingressOf?: (tx: Transaction, row: ReleaseFacts) => ReturnType<typeof ingressOfRelease>,
  ): Promise<void> {
    const { app } = this.#context;
    await app.events.transaction(async (tx, record) => {
      const row = await tx.nodeServer.findUnique({ where: { id }, select: CHANGED });
      // A node server that is being deleted stays so, whatever its process does meanwhile.
      if (row === null || row.state === 'deleting') return;
      const ingress = await ingressOf?.(tx, row);
      const changed = await tx.nodeServer.update({
        where: { id },
        data: { ...data, ...ingress, changedAt: new Date() },
      });
      record({
        topic: `nodeServers/${id}`,
        operation: 'UPDATE',
        ownerId: row.ownerId,
        payload: { ...payload, ...(ingress === undefined ? {} : { ingress: presentIngress(app, changed) }) },
      });
    });
  }
}

/** What a change looks at before. */
const CHANGED = {
  id: true,
  ownerId: true,
  state: true,
  runtime: true,
  serverJson: true,
  source: true,
  previous: true,
} as const;

type ReleaseFacts = Pick<InfoRow, keyof typeof CHANGED>;

type InfoRow = Awaited<ReturnType<FastifyInstance['database']['prisma']['nodeServer']['findUniqueOrThrow']>>;

const infoOf = (row: InfoRow): Omit<NodeServerInfo, 'ingressPort'> => ({
  id: row.id,
  ownerId: row.ownerId,
  worker: row.worker,
  name: row.name,
  slot: row.slot,
  runtime: row.runtime as RuntimeName,
  limits: (row.limits as Limits | null) ?? DEFAULT_LIMITS,
  language: row.language,
  desired: row.desired,
  state: row.state as WorkerState,
  connected: row.connected,
  source: row.source as Source | null,
  catalogueEntry: row.catalogueEntry,
  serverJson: row.serverJson as Record<string, unknown>,
  installed: row.installed as Release | null,
  previous: row.previous as PreviousRelease | null,
  installation: row.installation as Installation | null,
  oauth: row.oauthUrl === null ? undefined : { url: row.oauthUrl, clientId: row.oauthClientId ?? '' },
});
