import { channelOfEvent } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { isDatabaseAway } from '#core/database/database.js';
import type { RecordedEvent } from '#core/events/types.js';
import { readStates, STATE_FIELDS, type StateField } from './fields.js';

/** How large a channel is, is told at most this often. */
const SIZE_EVERY_MS = 10_000;

/** Field of a channel that changed, and its value as JSON; an empty text: the channel is no more. */
export interface StateChange {
  id: number;
  ownerId: string;
  field: StateField;
  value: string;
}

/** Tells of the states of channels as they change, to who asks for them. */
export class StateChanges {
  readonly #app: FastifyInstance;
  readonly #wanted: (ownerId: string) => boolean;
  readonly #tell: (change: StateChange) => void;
  readonly #sizes = new Map<number, NodeJS.Timeout>();
  #stopped = false;

  /** @param options.localOnly one replica is enough, because it tells everybody */
  constructor(
    app: FastifyInstance,
    options: {
      wanted: (ownerId: string) => boolean;
      tell: (change: StateChange) => void;
      localOnly: boolean;
    },
  ) {
    this.#app = app;
    this.#wanted = options.wanted;
    this.#tell = options.tell;
    const { localOnly } = options;
    app.events.on('channels/+', (event) => this.#changed(event), { localOnly });
    app.events.on('channels/+/messages', (event) => this.#sizeChanged(event), { localOnly });
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#sizes.values()) clearTimeout(timer);
  }

  #changed(event: RecordedEvent): void {
    const id = channelOfEvent(event);
    const { ownerId, operation } = event;
    if (ownerId === null || ownerId === undefined || !this.#wanted(ownerId)) return;
    if (operation !== 'DELETION') {
      this.#read(id, STATE_FIELDS);
      return;
    }
    clearTimeout(this.#sizes.get(id));
    this.#sizes.delete(id);
    for (const field of STATE_FIELDS) this.#tell({ id, ownerId, field, value: '' });
  }

  #sizeChanged(event: RecordedEvent): void {
    const id = channelOfEvent(event);
    const { ownerId } = event;
    if (ownerId === null || ownerId === undefined || this.#sizes.has(id) || !this.#wanted(ownerId)) return;
    const timer = setTimeout(() => {
      this.#sizes.delete(id);
      this.#read(id, ['messages_size']);
    }, SIZE_EVERY_MS).unref();
    this.#sizes.set(id, timer);
  }

  #read(id: number, fields: readonly StateField[]): void {
    if (this.#stopped) return;
    this.#app.mqtt
      .untilCommitted(() => readStates(this.#app.database.pool, { id }))
      .then(
        ([found]) => {
          if (found === undefined || this.#stopped) return;
          for (const field of fields)
            this.#tell({ id, ownerId: found.ownerId, field, value: JSON.stringify(found.state[field]) });
        },
        (error: unknown) => {
          if (!isDatabaseAway(error))
            this.#app.log.error({ err: error }, 'the state of a channel could not be told');
        },
      );
  }
}
