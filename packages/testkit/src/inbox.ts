/** A message that arrived: what, where, when (ms since 1970). */
export interface Received<Message> {
  at: number;
  topic: string;
  message: Message;
}

/** Collects messages and lets a test wait for one of them, also for one that is there already. */
export class Inbox<Message> {
  readonly all: Received<Message>[] = [];
  readonly #waiting = new Set<() => void>();

  put(topic: string, message: Message): void {
    this.all.push({ at: Date.now(), topic, message });
    for (const look of [...this.#waiting]) look();
  }

  /** Position after the newest message, for `waitFor(…, …, from)`. */
  mark(): number {
    return this.all.length;
  }

  /**
   * The first message from position `from` on that the predicate accepts. When none comes in time the
   * error lists the keys of what came instead, which is mostly the answer to “why”.
   */
  waitFor(
    predicate: (message: Message, topic: string) => boolean,
    timeoutMs = 15_000,
    from = 0,
  ): Promise<Received<Message>> {
    return new Promise((resolve, reject) => {
      let next = from;
      const look = () => {
        for (; next < this.all.length; next += 1) {
          const received = this.all[next];
          if (received === undefined || !predicate(received.message, received.topic)) continue;
          clearTimeout(timer);
          this.#waiting.delete(look);
          resolve(received);
          return;
        }
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const seen = this.all.slice(from).map(({ message }) => Object.keys(message as object).join('+'));
        reject(new Error(`No such message within ${timeoutMs} ms; came: ${seen.join(', ') || 'nothing'}`));
      }, timeoutMs);
      this.#waiting.add(look);
      look();
    });
  }
}
