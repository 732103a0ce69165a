import type { Device } from '@polyrelay/codecs/push-resource';
import type {
  Distribution,
  Thing,
  ThingChange,
  ThingCounts,
  ThingPage,
  ThingQuery,
  ThingRequest,
} from '@polyrelay/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { notFound } from '#core/errors.js';
import { owns, type Principal } from '#core/principal.js';
import { changeThing } from './commands/change.js';
import { createThing } from './commands/create.js';
import { type DeleteHook, finishRemovals, removeThing } from './commands/remove.js';
import { rotateKeys } from './commands/rotate-keys.js';
import { devicesById, readDevices } from './devices.js';
import { describeDistribution } from './distribution/describe.js';
import { type Download, type DownloadOptions, openDownload } from './distribution/download.js';
import { originOf, sendDistribution } from './distribution/send.js';
import { countThings, listThings } from './list.js';
import { Presence } from './presence.js';
import { presentThing } from './present.js';
import { type ThingRef, ThingRefs } from './refs.js';
import { loadThing, ownedThings } from './store.js';

/** Things as other modules see them. */
export class ThingsPort {
  readonly #app: FastifyInstance;
  readonly #deleteHooks: DeleteHook[] = [];
  readonly refs: ThingRefs;
  readonly presence: Presence;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.refs = new ThingRefs(app);
    this.presence = new Presence(app, this.refs);
  }

  /** A thing that the caller may see and change. @throws notFound, for what is somebody else’s too */
  async require(principal: Principal, id: string): Promise<ThingRef> {
    const ref = await this.refs.byId(id);
    if (ref === undefined || !owns(principal, ref.ownerId)) throw notFound('This thing');
    return ref;
  }

  /** Makes a thing with its keys and certificate. @throws conflict `nameTaken`, forbidden `overLimit` */
  create(principal: Principal, request: ThingRequest): Promise<Thing> {
    return createThing(this.#app, principal, request);
  }

  /** Things of a user with their certificates, by name, `limit` at most. */
  async owned(ownerId: string, limit: number): Promise<Thing[]> {
    return (await ownedThings(this.#app, ownerId, limit)).map(presentThing);
  }

  /** Things by their ids, for those who are sent events of them; those that are gone are left out. */
  devicesById(ids: readonly string[]): Promise<Device[]> {
    return devicesById(this.#app.database.pool, ids);
  }

  /** All things of a user, or the one asked for, as inventories show them. */
  devices(ownerId: string, id?: string): Promise<Device[]> {
    return readDevices(this.#app.database.pool, ownerId, id);
  }

  async read(principal: Principal, id: string): Promise<Thing> {
    return presentThing(await loadThing(this.#app, principal, id));
  }

  /** The zip of a thing, for an edge that sends it itself: it must call `ended`. Others use `sendDistribution`. */
  distribution(principal: Principal, id: string, options: DownloadOptions): Promise<Download> {
    return openDownload(this.#app, principal, id, options);
  }

  /** Answers a request with the zip of a thing. */
  sendDistribution(
    request: FastifyRequest,
    reply: FastifyReply,
    id: string,
    privateKey: boolean,
  ): Promise<FastifyReply> {
    return sendDistribution(this.#app, request, reply, id, privateKey);
  }

  describeDistribution(request: FastifyRequest, id: string): Promise<Distribution> {
    return describeDistribution(this.#app, request.principal, id, { origin: originOf(request) });
  }

  /** @throws invalid `badCursor` */
  list(principal: Principal, query: z.output<typeof ThingQuery>): Promise<ThingPage> {
    return listThings(this.#app, principal, query);
  }

  counts(principal: Principal): Promise<ThingCounts> {
    return countThings(this.#app, principal);
  }

  /** Changes what the user may change; a thing that is disabled is refused from here on. */
  change(principal: Principal, id: string, change: ThingChange): Promise<Thing> {
    return changeThing(this.#app, this.refs, principal, id, change);
  }

  /** New keys and a new certificate; the old ones are refused from here on. */
  rotateKeys(principal: Principal, id: string): Promise<Thing> {
    return rotateKeys(this.#app, this.refs, principal, id);
  }

  /** Deletes a thing with everything. Resolves when it is gone. */
  delete(principal: Principal, id: string): Promise<void> {
    return removeThing(this.#removal, principal, id);
  }

  /** Adds what is done while a thing is being deleted, before its row goes. It may run again for the same thing. */
  onDelete(hook: DeleteHook): void {
    this.#deleteHooks.push(hook);
  }

  /** Notes that a thing has just sent something, at most every 10 s; what it sends over MQTT is noted by itself. */
  seen(id: string): void {
    this.presence.seen(id);
  }

  /** At the start: deletes what a crash left half deleted. */
  finishRemovals(): Promise<void> {
    return finishRemovals(this.#removal);
  }

  get #removal() {
    return { app: this.#app, refs: this.refs, hooks: this.#deleteHooks };
  }
}
