import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '#core/errors.js';
import { findWebhook, SECRET } from './store.js';

/** One node server's webhooks in a minute; a provider that sends more is told to slow down. */
const PER_WEBHOOK = 600;

/** Unknown URLs one address may try in a minute. */
const UNKNOWN_PER_ADDRESS = 30;
const MINUTE_MS = 60_000;

export type NodeServerInfo = NonNullable<Awaited<ReturnType<FastifyInstance['nodeServers']['get']>>>;

/** A webhook whose node server is known. */
export interface Target {
  info: NodeServerInfo;
  /** Its worker has said that it takes webhooks. */
  taken: boolean;
  /** What stands behind the secret, as it was sent: a path, a query, both or nothing. */
  rest: string;
}

/** Lets through who has a secret, before a byte of the body is read. */
export class Guard {
  readonly #app: FastifyInstance;
  readonly #targets = new WeakMap<FastifyRequest, Target>();
  readonly #limitUnknown: (request: FastifyRequest) => Promise<void>;
  readonly #limitKnown: (request: FastifyRequest) => Promise<void>;

  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#limitUnknown = limiter(app, UNKNOWN_PER_ADDRESS, ({ ip }) => ip);
    this.#limitKnown = limiter(app, PER_WEBHOOK, (request) => this.targetOf(request).info.id);
  }

  /** @throws DomainError `noSuchWebhook`, `rateLimited`, `ownPage` */
  async check(request: FastifyRequest): Promise<void> {
    const target = await this.#find(request);
    if (target === undefined) {
      await this.#limitUnknown(request);
      throw UNKNOWN;
    }
    refuseOwnPages(request);
    this.#targets.set(request, target);
    await this.#limitKnown(request);
  }

  /** Of a request that was let through. */
  targetOf(request: FastifyRequest): Target {
    return this.#targets.get(request) as Target;
  }

  async #find(request: FastifyRequest): Promise<Target | undefined> {
    const { secret } = request.params as { secret: string };
    const url = request.raw.url ?? '';
    const begin = `/webhooks/${secret}`;
    // A secret is not written in another way, such as with escapes.
    if (!SECRET.test(secret) || !url.startsWith(begin)) return undefined;
    const found = await findWebhook(this.#app, secret);
    const info = found && (await this.#app.nodeServers.get(found.nodeServerId));
    if (info === undefined || info.state === 'deleting') return undefined;
    return { info, taken: found?.taken === true, rest: url.slice(begin.length) };
  }
}

/**
 * A script on a page of the dashboard has no business here, and no page may take an answer for a part of the
 * dashboard, such as a script of its own.
 */
function refuseOwnPages({ headers }: FastifyRequest): void {
  if (headers['sec-fetch-site'] !== 'same-origin' || headers['sec-fetch-mode'] === 'navigate') return;
  const message = 'A webhook URL is for programs elsewhere, not for pages of the dashboard.';
  throw new DomainError('forbidden', 'ownPage', message);
}

function limiter(app: FastifyInstance, max: number, keyGenerator: (request: FastifyRequest) => string) {
  const count = app.createRateLimit({ max, timeWindow: MINUTE_MS, keyGenerator });
  return async (request: FastifyRequest): Promise<void> => {
    const counted = await count(request);
    if (counted.isAllowed || !counted.isExceeded) return;
    const message = `More than ${max} calls in a minute. Wait ${counted.ttlInSeconds} seconds.`;
    throw new DomainError('rateLimited', 'rateLimited', message);
  };
}

/** The same for a secret that never was, one that was renewed, and one whose node server is gone. */
const UNKNOWN = new DomainError(
  'notFound',
  'noSuchWebhook',
  'There is no such webhook. Its URL may have been renewed.',
);
