import { MonitorSettings } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { ADMIN } from '../../../testing/service.js';
import type { Block, BlockSink, MonitorRecord, SessionEnd } from '../types.js';

/** The admin as an owner of monitors. */
export async function adminOf(app: FastifyInstance): Promise<{ userId: string; email: string }> {
  const user = await app.database.prisma.user.findFirstOrThrow({ where: { email: ADMIN.email } });
  return { userId: user.id, email: user.email };
}

/** A monitor of the admin over what {@link happen} records. */
export async function newMonitor(
  app: FastifyInstance,
  settings: Partial<MonitorSettings> = {},
): Promise<MonitorRecord> {
  return app.monitors.create(
    await adminOf(app),
    MonitorSettings.parse({ topic: 'Event/tests', batchSize: 1, batchDuration: 0, ...settings }),
  );
}

/** Records events `tests/{n}` of the admin in one transaction. */
export async function happen(app: FastifyInstance, ...numbers: number[]): Promise<void> {
  const { userId: ownerId } = await adminOf(app);
  await app.events.transaction(async (_tx, record) => {
    for (const n of numbers) record({ topic: `tests/${n}`, operation: 'UPDATE', ownerId, payload: { n } });
  });
}

/** A peer that keeps what it is sent. */
export class KeepingSink implements BlockSink {
  readonly blocks: Block[] = [];
  /** The numbers of the events, in the order in which they came. */
  readonly numbers: number[] = [];
  readonly #waiting = new Set<() => void>();
  ended: SessionEnd | undefined;
  /** Told of each block. */
  onBlock: (block: Block) => void = () => undefined;

  send(block: Block): void {
    this.blocks.push(block);
    this.numbers.push(...numbersOf(block));
    this.onBlock(block);
    for (const look of this.#waiting) look();
  }

  end(reason: SessionEnd): void {
    this.ended = reason;
    for (const look of this.#waiting) look();
  }

  /** Resolves when so many events came. */
  events(count: number): Promise<void> {
    return this.#until(() => this.numbers.length >= count);
  }

  /** Resolves when so many blocks came. */
  count(blocks: number): Promise<void> {
    return this.#until(() => this.blocks.length >= blocks);
  }

  /** Resolves with why it ended. */
  async over(): Promise<SessionEnd | undefined> {
    await this.#until(() => this.ended !== undefined);
    return this.ended;
  }

  #until(met: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!met()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** The numbers of the events in a block, JSON and not compressed. */
export function numbersOf({ payload }: Block): number[] {
  const { Msg } = JSON.parse(payload.toString()).Document;
  return [Msg].flat().map(({ topic }: { topic: string }) => Number(topic.split('/').at(-1)));
}
