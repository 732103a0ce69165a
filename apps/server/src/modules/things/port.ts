import type { Thing, ThingRequest } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { notFound } from '#core/errors.js';
import { owns, type Principal } from '#core/principal.js';
import { createThing } from './commands/create.js';
import { presentThing } from './present.js';
import { type ThingRef, ThingRefs } from './refs.js';
import { loadThing } from './store.js';

/** Things as other modules see them. */
export class ThingsPort {
  readonly #app: FastifyInstance;
  readonly refs: ThingRefs;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.refs = new ThingRefs(app);
  }

  /** A thing that the caller may see and change. @throws notFound, for what is somebody else’s too */
  async require(principal: Principal, id: string): Promise<ThingRef> {
    const ref = await this.refs.byId(id);
    if (ref === undefined || !owns(principal, ref.ownerId)) throw notFound('This thing');
    return ref;
  }

  /** Makes a thing with its keys and certificate. */
  create(principal: Principal, request: ThingRequest): Promise<Thing> {
    return createThing(this.#app, principal, request);
  }

  async read(principal: Principal, id: string): Promise<Thing> {
    return presentThing(await loadThing(this.#app, principal, id));
  }
}
