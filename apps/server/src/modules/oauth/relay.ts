import type { OAuthOutcome } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { Held } from './held.js';

/** The provider's answer as the worker gets it: every query parameter, `state` being its own id. */
export type CallbackParams = Record<string, string | string[]>;

/** Where an answer goes. */
export interface Destination {
  id: string;
  nodeServerId: string;
  ownerId: string;
  worker: string;
}

/** How long an answer is held for a worker that is away. Providers' codes live no longer than ten minutes. */
const HOLD_MS = 5 * 60_000;

/** A notice that goes this long after the answer was delivered still counts as its success. */
const LINK_WINDOW = '1 hour';

/**
 * Hands providers' answers to workers. The code is in memory alone, from the callback to the worker, at most five
 * minutes; what is written down is how it went.
 */
export class Relay {
  readonly #app: FastifyInstance;
  readonly #held: Held<{ destination: Destination; params: CallbackParams }>;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#held = new Held(
      HOLD_MS,
      ({ destination }) =>
        void this.#note(destination, 'expired').catch((error: unknown) => this.#failed(error)),
    );
  }

  start(): void {
    const { nodeServers, events } = this.#app;
    nodeServers.signals.on('connection', ({ nodeServerId, connected }) => {
      if (connected) void this.#deliverHeld(nodeServerId).catch((error: unknown) => this.#failed(error));
    });
    events.on(
      'nodeServers/+/notices/+',
      async ({ topic, operation, ownerId }) => {
        const [, nodeServerId = '', , key = ''] = topic.split('/');
        if (operation === 'DELETION' && ownerId !== null)
          await this.#noticeGone(nodeServerId, decodeURIComponent(key), ownerId);
      },
      { localOnly: true },
    );
  }

  stop(): void {
    this.#held.clear();
  }

  /** Delivers an answer, or holds it until the worker comes. @returns how it stands */
  async deliver(destination: Destination, params: CallbackParams): Promise<OAuthOutcome> {
    const { nodeServers, metrics } = this.#app;
    metrics.count('relays');
    const delivered = await nodeServers.send(
      { id: destination.nodeServerId, worker: destination.worker },
      { oauth: { ...params, state: destination.worker } },
    );
    if (!delivered) this.#held.add(destination.nodeServerId, { destination, params });
    const outcome = outcomeOf(params, delivered);
    await this.#note(destination, outcome, params);
    return outcome;
  }

  async #deliverHeld(nodeServerId: string): Promise<void> {
    for (const { destination, params } of this.#held.take(nodeServerId)) {
      const sent = await this.#app.nodeServers.send(
        { id: nodeServerId, worker: destination.worker },
        { oauth: { ...params, state: destination.worker } },
      );
      if (!sent) this.#held.add(nodeServerId, { destination, params });
      else await this.#note(destination, outcomeOf(params, true), params);
    }
  }

  /** Writes down how a sign-in stands; errors are the provider's words to the user, the code is none of them. */
  async #note(
    { id, nodeServerId, ownerId }: Destination,
    outcome: OAuthOutcome,
    params: CallbackParams = {},
  ): Promise<void> {
    const error = textOf(params.error);
    const errorDescription = textOf(params.error_description);
    await this.#app.events.transaction(async (tx, record) => {
      await tx.oAuthLink.updateMany({
        where: { id, outcome: { not: 'linked' } },
        data: {
          outcome,
          error,
          errorDescription,
          changedAt: new Date(),
          ...(outcome === 'waiting' ? { expiresAt: new Date(Date.now() + HOLD_MS) } : {}),
        },
      });
      record({
        topic: `nodeServers/${nodeServerId}/oauth/${id}`,
        operation: 'UPDATE',
        ownerId,
        payload: { outcome },
      });
    });
  }

  /** The worker took its notice away after it got the answer: the account is linked. */
  async #noticeGone(nodeServerId: string, noticeKey: string, ownerId: string): Promise<void> {
    const linked = await this.#app.events.transaction(async (tx, record) => {
      const rows = await tx.$queryRawUnsafe<{ id: string }[]>(
        `UPDATE oauth_links SET outcome = 'linked', changed_at = now()
         WHERE node_server_id = $1::uuid AND outcome = 'delivered' AND (notice_key IS NULL OR notice_key = $2)
           AND changed_at > now() - interval '${LINK_WINDOW}' RETURNING id`,
        nodeServerId,
        noticeKey,
      );
      for (const { id } of rows)
        record({
          topic: `nodeServers/${nodeServerId}/oauth/${id}`,
          operation: 'UPDATE',
          ownerId,
          payload: { outcome: 'linked' },
        });
      return rows.length > 0;
    });
    if (linked) await this.#app.nodeServers.setLinked(nodeServerId, new Date());
  }

  #failed(error: unknown): void {
    this.#app.logger.error({ err: error }, 'a sign-in could not be carried on');
  }
}

function outcomeOf(params: CallbackParams, delivered: boolean): OAuthOutcome {
  if (params.error !== undefined) return params.error === 'access_denied' ? 'denied' : 'failed';
  return delivered ? 'delivered' : 'waiting';
}

const textOf = (value: string | string[] | undefined): string | null =>
  value === undefined ? null : [value].flat().join(' ').slice(0, 500);
