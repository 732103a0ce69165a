import type { FastifyInstance } from 'fastify';
import type { NewEvent } from '#core/events/types.js';

/** Tells of an access token that was revoked. */
export const tokenRevoked = (id: string, userId: string): NewEvent => ({
  topic: `users/${userId}`,
  operation: 'UPDATE',
  ownerId: null,
  payload: { revoked: id },
});

/** Whose a call is, and the access token it was made with; null: none. */
interface Revocable {
  credentialId: string | null;
  userId: string;
}

/** Calls that wait, by whose they are: they end with the token, or the user, wherever that was removed. */
export class Revocations {
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor({ events }: Pick<FastifyInstance, 'events'>) {
    events.on('users/+', ({ topic, operation, payload: { revoked } }) => {
      if (operation === 'DELETION') this.#end(topic.split('/')[1] ?? '');
      else if (typeof revoked === 'string') this.#end(revoked);
    });
  }

  /** Calls back when a caller has lost its access. @returns a function to call when nobody waits any more */
  on({ credentialId, userId }: Revocable, listener: () => void): () => void {
    const ids = credentialId === null ? [userId] : [credentialId, userId];
    for (const id of ids) this.#waiting.set(id, (this.#waiting.get(id) ?? new Set()).add(listener));
    return () => {
      for (const id of ids) {
        const listeners = this.#waiting.get(id);
        if (listeners?.delete(listener) && listeners.size === 0) this.#waiting.delete(id);
      }
    };
  }

  #end(id: string): void {
    for (const listener of [...(this.#waiting.get(id) ?? [])]) listener();
  }
}
