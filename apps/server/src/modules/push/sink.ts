import type { Socket } from 'node:net';
import { PUSH_STATUS, type PublishMessageReceived } from '@polyrelay/codecs/push';
import type { PushFigures } from './figures.js';
import { frameOf } from './frames.js';
import type { Block, BlockSink, MonitorRecord, PushSession, SessionEnd } from './ports.js';

interface SinkOptions {
  monitor: MonitorRecord;
  figures: PushFigures;
  /** The monitor ends the session. */
  onEnd(reason: SessionEnd): void;
}

/** Writes the blocks of a monitor to a connection, and hears what its client has of them. */
export class SocketSink implements BlockSink {
  readonly #socket: Socket;
  readonly #options: SinkOptions;
  readonly #explicit: boolean;
  /** Not written yet: no more than the window has. */
  readonly #queue: Block[] = [];
  /** Of blocks that wait for their acknowledgement. */
  readonly #out = new Set<number>();
  /** Those of them that the client said it could not take. */
  readonly #refused = new Set<number>();
  /** The block that is being written. */
  #writing: number | undefined;
  #session: PushSession | undefined;
  /** When something last came through, or nothing was out. */
  #progressAt = 0;

  constructor(socket: Socket, options: SinkOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#explicit = options.monitor.ackOption === 'explicit';
  }

  /** The session that the blocks are of; none is sent before. */
  attach(session: PushSession): void {
    this.#session = session;
  }

  send(block: Block): void {
    if (this.#idle) this.#progressAt = performance.now();
    this.#queue.push(block);
    this.#next();
  }

  end(reason: SessionEnd): void {
    this.#session = undefined;
    this.#queue.length = 0;
    this.#options.onEnd(reason);
  }

  /** Ends the session from this side. */
  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#queue.length = 0;
    await session?.close();
  }

  /** Takes an acknowledgement. Of a block that is not out it says nothing. */
  acknowledge({ blockId, status }: PublishMessageReceived): void {
    const { acknowledgements } = this.#options.figures;
    // Published clients acknowledge whatever the monitor asks for.
    if (!this.#explicit) return;
    if (!this.#out.has(blockId)) acknowledgements.inc({ outcome: 'unknown' });
    else if (status === PUSH_STATUS.ok) {
      this.#out.delete(blockId);
      this.#refused.delete(blockId);
      this.#progressAt = performance.now();
      // It may have been sent back by a replay meanwhile.
      const counts = this.#session?.delivered(blockId) === true;
      acknowledgements.inc({ outcome: counts ? 'delivered' : 'unknown' });
    } else {
      acknowledgements.inc({ outcome: 'failed' });
      // Said again it is nothing new: a client that repeats it without end must not fill the memory.
      if (this.#refused.has(blockId)) return;
      this.#refused.add(blockId);
      // It stays out: the next connection gets it again.
      this.#session?.failed(blockId, `The client answered with status ${status}.`);
    }
  }

  /** Whether blocks are out and none has come through for so long. */
  isStalled(now: number, stalledMs: number): boolean {
    return !this.#idle && now - this.#progressAt > stalledMs;
  }

  get #idle(): boolean {
    return this.#writing === undefined && this.#queue.length === 0 && this.#out.size === 0;
  }

  /**
   * One frame at a time: Node.js joins writes that wait into one, and TLS would then put two frames into one record, on
   * which clients that select stall.
   */
  #next(): void {
    if (this.#writing !== undefined) return;
    const block = this.#queue.shift();
    if (block === undefined) return;
    const frame = frameOf(block, this.#options.monitor);
    this.#writing = block.blockId;
    if (this.#explicit) this.#out.add(block.blockId);
    this.#options.figures.frames.count++;
    this.#options.figures.bytes.count += frame.length;
    this.#socket.write(frame, this.#written);
  }

  /** One function for all frames. */
  readonly #written = (error?: Error | null): void => {
    const blockId = this.#writing;
    this.#writing = undefined;
    // The connection is gone, and its end is told otherwise.
    if (error || blockId === undefined) return;
    this.#progressAt = performance.now();
    if (!this.#explicit) this.#session?.delivered(blockId);
    this.#next();
  };
}
