/** Marks of a channel: the time that messages are kept is told this finely. */
const MARKS = 64;

interface Mark {
  /** Of the process's own clock, in ms: it does not jump. */
  at: number;
  /** The channel's next key then: what is below was there already. */
  nextKey: number;
}

/**
 * How far channels were at times of the process's own clock. Messages that were there for longer than they are kept
 * expire by it, whatever the clock on the wall did meanwhile.
 */
export class Marks {
  readonly #byChannel = new Map<number, Mark[]>();

  /** Notes how far a channel is. @param ttlMs how long its messages are kept */
  note(channelId: number, nextKey: number, ttlMs: number, now = performance.now()): void {
    const marks = this.#byChannel.get(channelId);
    if (marks === undefined) {
      this.#byChannel.set(channelId, [{ at: now, nextKey }]);
      return;
    }
    const last = marks.at(-1);
    if (last !== undefined && (last.nextKey === nextKey || now - last.at < ttlMs / MARKS)) return;
    marks.push({ at: now, nextKey });
    if (marks.length > 2 * MARKS) marks.splice(0, marks.length - 2 * MARKS);
  }

  /** Messages below this key were there longer than `ttlMs`. */
  expiredBelow(channelId: number, ttlMs: number, now = performance.now()): number {
    const marks = this.#byChannel.get(channelId) ?? [];
    return marks.findLast(({ at }) => at <= now - ttlMs)?.nextKey ?? 0;
  }

  /** Forgets channels that are not among these. */
  keepOnly(channelIds: Set<number>): void {
    for (const id of this.#byChannel.keys()) if (!channelIds.has(id)) this.#byChannel.delete(id);
  }
}
