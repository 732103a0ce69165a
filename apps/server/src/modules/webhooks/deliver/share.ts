import { DomainError } from '#core/errors.js';

/** Webhooks of one node server that may wait for it at once; others are told to come again. */
const AT_ONCE = 50;

/** Sees to it that no node server takes more than its share of the service. */
export class Shares {
  readonly #taken = new Map<string, number>();

  /** @returns what gives the place back @throws DomainError `tooManyWebhooks` */
  take(nodeServerId: string): () => void {
    const before = this.#taken.get(nodeServerId) ?? 0;
    if (before >= AT_ONCE) {
      const message = `${AT_ONCE} webhooks of this node server wait for its worker already. Send it again later.`;
      throw new DomainError('unavailable', 'tooManyWebhooks', message);
    }
    this.#taken.set(nodeServerId, before + 1);
    let isGiven = false;
    return () => {
      if (isGiven) return;
      isGiven = true;
      const left = (this.#taken.get(nodeServerId) ?? 1) - 1;
      if (left === 0) this.#taken.delete(nodeServerId);
      else this.#taken.set(nodeServerId, left);
    };
  }
}
