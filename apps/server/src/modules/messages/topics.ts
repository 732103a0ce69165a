import { THING_FILTERS } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { BatchQueue } from '#core/batch-queue.js';
import { DomainError, notFound } from '#core/errors.js';
import type { MqttMessage } from '#edges/mqtt/index.js';
import { decodePayload, readPayload } from './collect/payload.js';
import { type CollectResult, type CollectWriter, MAX_BATCH, weigh } from './collect/writer.js';
import { newMessageId } from './ids.js';
import type { MessageThing } from './port.js';

interface Payload {
  id: string;
  json: string;
  bytes: number;
}

type Queue = BatchQueue<Payload, CollectResult>;

/** Who sent a message: the key of its queue, and how the thing is found. */
interface Sender {
  key: string;
  find(): Promise<MessageThing | undefined>;
}

/**
 * Takes what things publish on their collect topics. Each thing has a queue of its own: what it sent while one batch
 * is being written is the next, so its messages stay in order, also while the database is away.
 */
export function collectTopics(app: FastifyInstance, writer: CollectWriter): void {
  const queues = new Map<string, Queue>();

  const newQueue = (sender: Sender): Queue =>
    new BatchQueue<Payload, CollectResult>({
      max: MAX_BATCH,
      weigh,
      write: (payloads) =>
        app.mqtt.untilCommitted(async () => {
          const thing = await sender.find();
          if (thing === undefined) return payloads.map(() => notFound('This thing'));
          const { id: thingId, ownerId } = thing;
          return writer.write(payloads.map((payload) => ({ ...payload, thingId, ownerId })));
        }),
    });

  async function store(sender: Sender, payload: Buffer): Promise<CollectResult | undefined> {
    const read = readPayload(decodePayload(payload));
    const queue = queues.get(sender.key) ?? newQueue(sender);
    queues.set(sender.key, queue);
    try {
      const [result] = await queue.add([{ id: newMessageId(), ...read }]);
      return result;
    } finally {
      if (queue.idle) queues.delete(sender.key);
    }
  }

  app.mqtt.on(THING_FILTERS.collect, async (message) => {
    const sender = senderOf(app, message);
    if (sender === undefined) return;
    try {
      const result = await store(sender, message.payload);
      if (result instanceof DomainError) throw result;
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
      await tell(app, sender, message, error);
    }
  });
}

/** The connection says who it is; with an outside broker, which keeps the rules, the name in the topic. */
function senderOf({ things }: FastifyInstance, { identity, topic }: MqttMessage): Sender | undefined {
  if (identity !== null) {
    const { kind, id } = identity;
    return kind === 'thing' ? { key: id, find: () => things.refs.byId(id) } : undefined;
  }
  const [, , name, ...more] = topic.split('/');
  if (name === undefined || name === '' || more.length > 0) return undefined;
  return { key: name, find: () => things.refs.byName(name) };
}

/** A message that is refused is acknowledged, since it would be refused again; the audit log says why. */
async function tell(
  app: FastifyInstance,
  sender: Sender,
  { topic }: MqttMessage,
  { code, message }: DomainError,
): Promise<void> {
  const thing = await sender.find();
  if (thing === undefined) return;
  await app.audit.recordSeldom({
    actor: `thing ${thing.name}`,
    action: 'message.refused',
    target: thing.name,
    detail: { topic, code, why: message },
  });
}
