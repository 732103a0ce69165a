import { Envelope } from '@polyrelay/contract';
import { DomainError, messageOf } from '#core/errors.js';
import type { MqttMessage } from '#edges/mqtt/index.js';
import type { NodeServerRef, NodeServerRefs } from '../../refs.js';

/** A worker message whose sender is known. */
export interface Received {
  ref: NodeServerRef;
  body: Record<string, unknown>;
}

/** Keys of the envelope; everything else in a message is a command. */
export const ENVELOPE_KEYS = new Set(['userId', 'topic', 'profileNum', 'id']);

/**
 * Finds out which worker a message is from and whether it says so itself. The certificate tells who sent it; an
 * outside broker does not pass that on, and there the unguessable worker id in `topic` is the proof.
 * @returns undefined when nobody knows the sender
 * @throws DomainError for a message that is not a worker's, or claims to be another's
 */
export async function openEnvelope(
  refs: NodeServerRefs,
  stage: string,
  message: MqttMessage,
): Promise<Received | undefined> {
  const known = message.identity === null ? undefined : await refs.byWorker(message.identity.id);
  if (message.identity !== null && known === undefined) return undefined;
  const body = parse(message.payload, known === undefined);
  if (body === undefined) return undefined;
  const envelope = Envelope.safeParse(body);
  if (!envelope.success) {
    const missing = envelope.error.issues.map((issue) => issue.path.join('.')).join(', ');
    throw new DomainError('invalid', 'envelope', `A message on ${message.topic} lacks a correct ${missing}.`);
  }
  const claimed = envelope.data.topic.startsWith(`${stage}/ns/`)
    ? envelope.data.topic.slice(stage.length + 4)
    : '';
  const ref = known ?? (await refs.byWorker(claimed));
  if (ref === undefined) return undefined;
  const { userId, profileNum, id } = envelope.data;
  if (
    claimed !== ref.worker ||
    userId !== ref.ownerId ||
    profileNum !== String(ref.slot) ||
    id !== ref.controllerUuid
  ) {
    throw new DomainError(
      'forbidden',
      'foreignEnvelope',
      `A message on ${message.topic} claims to come from another worker (userId, topic, profileNum or id is not its own).`,
    );
  }
  return { ref, body };
}

/** @param anonymous nobody can be told: a broken message is dropped */
function parse(payload: Buffer, anonymous: boolean): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
    throw new Error('it is not an object');
  } catch (cause) {
    if (anonymous) return undefined;
    throw new DomainError(
      'invalid',
      'notJson',
      `A message is not JSON: ${messageOf(cause)}. It begins with ${JSON.stringify(payload.toString('utf8', 0, 60))}.`,
      { cause },
    );
  }
}
