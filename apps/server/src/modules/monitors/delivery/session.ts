import { randomUUID } from 'node:crypto';
import { type PushTopic, parseTopics } from '@polyrelay/codecs/push-topic';
import type { Logger } from 'pino';
import { formatOf, type PayloadFormat, type Resources, readMessagesOf } from '../resources/index.js';
import type {
  Block,
  BlockSink,
  MonitorRecord,
  Place,
  PushMessage,
  PushSession,
  SessionEnd,
  SessionOptions,
} from '../types.js';
import type { BlockOwner, Blocks } from './blocks.js';
import type { CatchUp, Reader } from './catch-up.js';
import { Delivery } from './delivery.js';
import type { Dispatcher, Hearer } from './dispatcher.js';
import { Figures } from './figures.js';
import type { KnownBlock, OutBlock } from './ledger.js';
import type { Moving, Progress, SeenBlock, Snapshot } from './progress.js';
import type { StoredProgress } from './store.js';
import type { Timed, Timers } from './timers.js';

/** Events of one reading of the log. */
const PART = 250;
const MAX_ERROR = 500;

/** What all sessions share. */
export interface SessionParts {
  resources: Resources;
  dispatcher: Dispatcher;
  blocks: Blocks;
  progress: Progress;
  catchUp: CatchUp;
  timers: Timers;
  log: Logger;
  /** Notes that a session is over. */
  left(session: Session, reason: SessionEnd | 'closed'): Promise<void>;
}

/** Whether each block of a monitor is kept before it is sent. */
export const keepsBlocks = ({ ackOption, transportType }: MonitorRecord): boolean =>
  ackOption === 'explicit' || transportType === 'http';

/** A monitor being delivered to its sink: joins the delivery with log, database, timers and the sink. */
export class Session implements PushSession, Hearer, Reader, Moving, BlockOwner, Timed {
  readonly id = randomUUID();
  readonly monitor: MonitorRecord;
  readonly peer: string;
  readonly topics: readonly PushTopic[];
  readonly #format: PayloadFormat;
  queued = false;
  heardIn = 0;
  timerAt = Number.POSITIVE_INFINITY;
  readonly #parts: SessionParts;
  readonly #sink: BlockSink;
  readonly #window: SessionOptions['window'];
  readonly #durable: boolean;
  #delivery: Delivery | undefined;
  #ended = false;
  #finished: Promise<void> | undefined;
  #pumping = false;
  /** Counts the times that it was sent back: what was read before is void. */
  #turn = 0;
  #baseSeq = 0;
  /** It was sent back before it began. */
  #sentBack: { place: Place; baseSeq: number } | undefined;
  #figures = new Figures({ sentEvents: 0, sentBlocks: 0, sentBytes: 0 });

  constructor(parts: SessionParts, monitor: MonitorRecord, sink: BlockSink, options: SessionOptions) {
    this.#parts = parts;
    this.monitor = monitor;
    this.#sink = sink;
    this.peer = options.peer;
    this.#window = options.window;
    this.#durable = keepsBlocks(monitor);
    this.#format = formatOf(monitor);
    this.topics = parseTopics(monitor.topic);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Of its row. */
  get row(): { monitorId: number; id: string; peer: string } {
    return { monitorId: this.monitor.id, id: this.id, peer: this.peer };
  }

  /** Begins to hear, from now on or behind the place that is stored. The first block goes out a turn later. */
  begin(progress: StoredProgress, known: KnownBlock[], from: Place | undefined): void {
    const { batchSize, batchDuration, formatType } = this.monitor;
    const xml = formatType === 'xml';
    this.#figures = new Figures(progress);
    this.#baseSeq = progress.baseSeq;
    this.#delivery = new Delivery({
      batchSize,
      batchDuration: batchDuration * 1000,
      window: this.#window,
      weigh: (message) => (xml ? message.xml.length : message.json.length),
      place: from ?? progress.place,
      nextSeq: progress.nextSeq,
      nextBlockId: progress.nextBlockId,
      known,
      live: from !== undefined,
    });
    this.#parts.dispatcher.add(this);
    this.#parts.progress.moved(this);
    if (this.#sentBack !== undefined) this.rewind(this.#sentBack.place, this.#sentBack.baseSeq);
    setImmediate(() => this.pump(performance.now()));
  }

  hear(message: PushMessage, now: number): void {
    if (!this.#ended) this.#delivery?.hear(message, now);
  }

  miss(place: Place): void {
    this.#delivery?.miss(place);
  }

  tick(now: number): void {
    this.pump(now);
  }

  /** Sends what is due and has room, and sees to what is needed for the rest. */
  pump(now: number): void {
    const delivery = this.#delivery;
    if (delivery === undefined || this.#ended || this.#pumping) return;
    this.#pumping = true;
    try {
      for (let due = delivery.take(now); due !== undefined; due = delivery.take(now)) {
        this.#send(delivery, due.block, due.messages);
        if (this.#ended) return;
      }
    } catch (error) {
      this.#failedItself(error);
      return;
    } finally {
      this.#pumping = false;
    }
    if (this.#wantsToRead(delivery)) this.#parts.catchUp.want(this);
    const dueAt = delivery.dueAt(now);
    if (dueAt !== undefined) this.#parts.timers.at(this, dueAt);
  }

  delivered(blockId: number): boolean {
    const delivery = this.#delivery;
    if (delivery === undefined || this.#ended) return false;
    const out = delivery.outBlock(blockId);
    if (out === undefined || out.sentAt === undefined) return false;
    const counts = out.state === 'out';
    delivery.delivered(blockId);
    if (counts) {
      if (this.#durable) this.#tell(out, 'delivered', null);
      else this.#figures.see(out);
      this.#parts.progress.moved(this);
    }
    if (delivery.pending > 0 || !delivery.live) this.pump(performance.now());
    return true;
  }

  failed(blockId: number, error: string): void {
    const out = this.#ended ? undefined : this.#delivery?.outBlock(blockId);
    if (out === undefined || out.state !== 'out' || !this.#durable) return;
    this.#tell(out, 'failed', error.slice(0, MAX_ERROR));
    out.failed = true;
  }

  /** A block that is noted now goes out. */
  written(block: Block): void {
    const delivery = this.#delivery;
    if (delivery === undefined || this.#ended) return;
    const out = delivery.outBlock(block.blockId);
    if (out?.state === 'stale') {
      delivery.delivered(block.blockId);
      this.pump(performance.now());
    } else if (out !== undefined)
      try {
        this.#give(out, block);
      } catch (error) {
        this.#failedItself(error);
      }
  }

  lost(): void {
    this.end('takenOver');
  }

  /** Goes on behind another place, with blocks from `baseSeq` on; unless it began there. */
  rewind(place: Place, baseSeq: number): void {
    const delivery = this.#delivery;
    if (delivery === undefined) this.#sentBack = { place, baseSeq };
    if (delivery === undefined || this.#ended || baseSeq <= this.#baseSeq) return;
    this.#turn++;
    delivery.rewind(place, baseSeq);
    this.#baseSeq = baseSeq;
    this.#parts.progress.moved(this);
    this.pump(performance.now());
  }

  async readPart(): Promise<boolean> {
    const delivery = this.#delivery;
    if (delivery === undefined) return false;
    const block = delivery.nextAgain();
    if (block !== undefined) await this.#sendAgain(delivery, block);
    else if (delivery.wantsLog) {
      const turn = this.#turn;
      const part = await this.#parts.resources.read(this.monitor.ownerId, this.topics, delivery.seen, {
        limit: PART,
        monitorId: this.monitor.id,
      });
      if (turn === this.#turn) delivery.read(part, performance.now());
      this.#parts.progress.moved(this);
    }
    this.pump(performance.now());
    return !this.#ended && this.#wantsToRead(delivery);
  }

  snapshot(now: number): Snapshot {
    const delivery = this.#delivery;
    if (delivery === undefined) throw new Error('a session that did not begin has no progress');
    if (!this.#ended) delivery.pass(this.#parts.dispatcher.frontier);
    const figures = this.#figures.snapshot(now);
    return {
      place: delivery.place,
      nextSeq: delivery.nextSeq,
      nextBlockId: delivery.nextBlockId,
      baseSeq: this.#baseSeq,
      ...figures,
      rate: this.#ended ? 0 : figures.rate,
    };
  }

  /** The place that is certain without looking on. */
  get place(): Place {
    return this.#delivery?.place ?? 0;
  }

  get hasSeen(): boolean {
    return this.#figures.hasSeen;
  }

  takeSeen(): SeenBlock[] {
    return this.#figures.takeSeen();
  }

  /** Ends it and tells its sink. One that was not opened yet is not opened any more. */
  end(reason: SessionEnd): void {
    if (this.#ended) return;
    void this.#finish(reason);
    if (!this.begun) return;
    try {
      this.#sink.end(reason);
    } catch (error) {
      this.#parts.log.error({ err: error, monitor: this.monitor.id }, 'a session of a monitor ended badly');
    }
  }

  close(): Promise<void> {
    return this.#finish('closed');
  }

  #finish(reason: SessionEnd | 'closed'): Promise<void> {
    if (this.#finished === undefined) {
      this.#ended = true;
      // From here on it hears nothing: its place stays.
      this.#delivery?.pass(this.#parts.dispatcher.frontier);
      if (this.#delivery !== undefined) this.#parts.dispatcher.remove(this);
      this.#finished = this.#parts.left(this, reason);
    }
    return this.#finished;
  }

  /** Whether it was begun: only then it has progress. */
  get begun(): boolean {
    return this.#delivery !== undefined;
  }

  #wantsToRead(delivery: Delivery): boolean {
    return delivery.hasAgain ? delivery.nextAgain() !== undefined : delivery.wantsLog;
  }

  #send(delivery: Delivery, out: OutBlock, messages: PushMessage[]): void {
    const payload = this.#parts.resources.payloadOf(messages, this.#format);
    delivery.weighed(out, payload.length);
    const block = blockOf(out, payload);
    if (this.#durable) this.#parts.blocks.add(this, block);
    else this.#give(out, block);
  }

  #give(out: OutBlock, block: Block): void {
    out.sentAt = Date.now();
    this.#figures.sent(block, out.sentAt, performance.now());
    if (this.#durable) this.#parts.progress.moved(this);
    this.#sink.send(block);
  }

  /** Sends a block of an earlier session as it was. */
  async #sendAgain(delivery: Delivery, out: OutBlock): Promise<void> {
    const turn = this.#turn;
    const { id, ownerId } = this.monitor;
    const { resources } = this.#parts;
    const messages = await readMessagesOf(resources, { id, ownerId, topics: this.topics }, out);
    if (this.#ended || turn !== this.#turn) return;
    if (messages.length === 0) {
      this.#parts.log.warn(
        { monitor: id, seq: out.seq },
        'a block is skipped: its events are deleted by now',
      );
      delivery.void(out);
      this.#tell(out, 'delivered', 'Its events were deleted before it was acknowledged.');
      this.#parts.progress.moved(this);
      return;
    }
    const payload = resources.payloadOf(messages, this.#format);
    delivery.again(out, payload.length);
    this.#parts.blocks.add(this, { ...blockOf(out, payload), count: messages.length });
  }

  #tell(out: OutBlock, state: 'delivered' | 'failed', error: string | null): void {
    this.#parts.blocks.tell({
      monitorId: this.monitor.id,
      seq: out.seq,
      state,
      error,
      more: out.failed === true,
    });
  }

  #failedItself(error: unknown): void {
    this.#parts.log.error({ err: error, monitor: this.monitor.id }, 'a monitor could not be delivered');
    this.end('failed');
  }
}

const blockOf = (out: OutBlock, payload: Buffer): Block => ({
  seq: out.seq,
  blockId: out.blockId,
  count: out.events,
  firstPlace: out.firstPlace,
  lastPlace: out.lastPlace,
  payload,
  attempts: out.attempts,
});
