import type { OAuthResult } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError, notFound } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import { Held } from './held.js';
import type { CallbackParams, Destination, Relay } from './relay.js';
import { presentResult } from './store.js';

/** How long the owner may take to approve. */
const APPROVE_MS = 5 * 60_000;

interface Asked {
  destination: Destination;
  params: CallbackParams;
}

/**
 * Answers whose `state` is a bare worker id: the link was used outside the dashboard, so no browser is bound to it,
 * and anybody may have sent them. The owner is asked before the worker gets them.
 */
export class Approvals {
  readonly #app: FastifyInstance;
  readonly #relay: Relay;
  readonly #asked = new Held<Asked>(APPROVE_MS, () => undefined);

  constructor(app: FastifyInstance, relay: Relay) {
    this.#app = app;
    this.#relay = relay;
  }

  /** Holds an answer until the owner approves. @returns the id to ask about; undefined when there is no such worker */
  async ask(state: string, params: CallbackParams, slot: number | undefined): Promise<string | undefined> {
    const ref = await this.#app.nodeServers.byWorker(state);
    if (ref === undefined || (slot !== undefined && slot !== ref.slot)) return undefined;
    const row = await this.#app.database.prisma.oAuthLink.create({
      data: { nodeServerId: ref.id, outcome: 'approvalNeeded', expiresAt: new Date(Date.now() + APPROVE_MS) },
    });
    const destination = { id: row.id, nodeServerId: ref.id, ownerId: ref.ownerId, worker: ref.worker };
    return this.#asked.add(row.id, { destination, params }) ? row.id : undefined;
  }

  /** The owner says yes: the worker gets the answer. */
  async approve(principal: Principal, id: string): Promise<OAuthResult> {
    const row = await this.#app.database.prisma.oAuthLink.findUnique({
      where: { id },
      include: { nodeServer: true },
    });
    // An admin's yes is not the owner's: the account that is linked is the owner's business.
    if (row === null || row.nodeServer.ownerId !== principal.userId) throw notFound('This sign-in');
    const asked = this.#asked.take(id)[0];
    if (row.outcome !== 'approvalNeeded' || asked === undefined) {
      throw new DomainError(
        'gone',
        'approvalGone',
        'This sign-in was approved already, or it waited too long. Begin again from the notice.',
      );
    }
    await this.#app.audit.record({
      actor: principal.email,
      action: 'oauth.approve',
      target: row.nodeServer.name,
    });
    await this.#relay.deliver(asked.destination, asked.params);
    return presentResult(
      await this.#app.database.prisma.oAuthLink.findUniqueOrThrow({
        where: { id },
        include: { nodeServer: true },
      }),
    );
  }

  stop(): void {
    this.#asked.clear();
  }
}
