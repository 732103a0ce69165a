/**
 * What was sent on a connection and is not acknowledged: so much at the most. It is little, so that a client that is
 * slow leaves it in the network's buffers: what does not fit there for some seconds would end its connection.
 */
const MAX_MESSAGES = 200;
const MAX_BYTES = 128 * 1024;

export class Window {
  #messages = 0;
  #bytes = 0;
  #waiting: (() => void) | undefined;

  /** Resolves when there is room for a message of so many bytes; one that is larger than all the room goes alone. */
  async room(bytes: number): Promise<void> {
    while (this.#messages > 0 && (this.#messages >= MAX_MESSAGES || this.#bytes + bytes > MAX_BYTES))
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
  }

  sent(bytes: number): void {
    this.#messages++;
    this.#bytes += bytes;
  }

  settled(bytes: number): void {
    this.#messages--;
    this.#bytes -= bytes;
    this.#waiting?.();
  }
}
