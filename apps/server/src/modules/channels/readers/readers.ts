import { type ChannelReader, channelOfEvent } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { messageOf } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import type { ChannelRef } from '../refs.js';
import { Meter } from './meter.js';
import { presentReader } from './present.js';
import { type ReaderState, writeReaders } from './store.js';

/** Who reads: a client with its credential. */
export interface ReaderIdentity {
  principal: Principal;
  /** Its User-Agent. */
  agent: string;
}

/** What a reader was given. */
export interface ReaderNote extends ReaderIdentity {
  /** Next key it wants. */
  currKey: number;
  /** Messages it was given now. */
  given: number;
  /** It deletes what it has read. */
  deletes: boolean;
}

interface Reader extends ReaderState {
  ownerId: string;
  meter: Meter;
  /** Calls of it that wait now. */
  waits: number;
  changed: boolean;
}

const FLUSH_MS = 5000;
/** Forgotten here after so long without a read; the table keeps it. */
const IDLE_MS = 120_000;
/** Greatest part of a User-Agent that is kept. */
const MAX_AGENT = 200;
/** Readers that one channel is said to have at a time: somebody may change the User-Agent with each call. */
const MAX_PER_CHANNEL = 1000;

/** Who reads which channel and how far: kept in memory, written every few seconds in one statement. */
export class Readers {
  readonly #app: FastifyInstance;
  readonly #byChannel = new Map<number, Map<string, Reader>>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(app: FastifyInstance) {
    this.#app = app;
    app.events.on('channels/+', (event) => {
      if (event.operation === 'DELETION') this.#byChannel.delete(channelOfEvent(event));
    });
  }

  start(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  /** Notes what a reader was given. */
  note(channel: ChannelRef, { currKey, given, deletes, ...identity }: ReaderNote): void {
    const reader = this.#of(channel, identity, currKey);
    if (reader === undefined) return;
    Object.assign(reader, { currKey, deletes, lastReadAt: new Date(), changed: true });
    reader.meter.add(given);
  }

  /** Notes that a reader waits. @returns a function that says it does not any more */
  noteWaiting(channel: ChannelRef, identity: ReaderIdentity, currKey: number): () => void {
    const reader = this.#of(channel, identity, currKey);
    if (reader === undefined) return () => undefined;
    reader.waits++;
    Object.assign(reader, { lastReadAt: new Date(), changed: true });
    return () => {
      reader.waits--;
      reader.changed = true;
    };
  }

  /** Forgets one that was deleted: it is there again when it reads again. */
  forget(channelId: number, credential: string, agent: string): void {
    this.#byChannel.get(channelId)?.delete(keyOf(credential, agent));
  }

  /** Writes now what is not written yet; one writing after the other. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  #of(channel: ChannelRef, { principal, agent }: ReaderIdentity, currKey: number): Reader | undefined {
    const credential = principal.kind === 'session' ? principal.userId : principal.credentialId;
    const shortAgent = agent.slice(0, MAX_AGENT);
    const readers = this.#byChannel.get(channel.id) ?? new Map<string, Reader>();
    if (readers.size === 0) this.#byChannel.set(channel.id, readers);
    const key = keyOf(credential, shortAgent);
    const known = readers.get(key);
    if (known !== undefined || readers.size >= MAX_PER_CHANNEL) return known;
    const reader: Reader = {
      channelId: channel.id,
      ownerId: channel.ownerId,
      credential,
      agent: shortAgent,
      name: principal.email,
      currKey,
      rate: 0,
      waiting: false,
      deletes: false,
      lastReadAt: new Date(),
      meter: new Meter(),
      waits: 0,
      changed: true,
    };
    readers.set(key, reader);
    return reader;
  }

  async #write(): Promise<void> {
    const changed = this.#take();
    if (changed.length === 0) return;
    const owners = new Map(changed.map(({ channelId, ownerId }) => [channelId, ownerId]));
    try {
      await this.#app.events.sql(async (client, record) => {
        const written = new Map<number, ChannelReader[]>();
        for (const row of await writeReaders(client, changed)) {
          const readers = written.get(row.channel_id) ?? [];
          written.set(row.channel_id, readers);
          readers.push(presentReader(row));
        }
        for (const [channelId, readers] of written)
          record({
            topic: `channels/${channelId}/readers`,
            operation: 'UPDATE',
            ownerId: owners.get(channelId) ?? null,
            payload: { readers },
          });
      });
    } catch (error) {
      for (const reader of changed) reader.changed = true;
      this.#app.logger.warn(`who reads which channel could not be written: ${messageOf(error)}`);
    }
  }

  /** Those that have something new, up to date; those that are idle for long are dropped. */
  #take(): Reader[] {
    const changed: Reader[] = [];
    for (const [channelId, readers] of this.#byChannel) {
      for (const [key, reader] of readers) {
        const { rate } = reader.meter;
        const waiting = reader.waits > 0;
        if (reader.changed || rate !== reader.rate || waiting !== reader.waiting) changed.push(reader);
        else if (!waiting && Date.now() - reader.lastReadAt.getTime() > IDLE_MS) readers.delete(key);
        Object.assign(reader, { rate, waiting, changed: false });
      }
      if (readers.size === 0) this.#byChannel.delete(channelId);
    }
    return changed;
  }
}

const keyOf = (credential: string, agent: string): string => `${credential} ${agent}`;
