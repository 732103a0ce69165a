import { pgcTopics } from '@polyrelay/contract';
import type { MqttIdentity } from '#edges/mqtt/index.js';
import type { NodeServerRef } from '../../refs.js';

/** A worker's rights on the broker: its own receive topic, and the four topics it sends on (PGC section 3). */
export function workerIdentity(stage: string, ref: NodeServerRef): MqttIdentity {
  const topics = pgcTopics(stage);
  const publish = new Set([
    topics.requests,
    topics.isy,
    topics.log(ref.ownerId, ref.worker),
    topics.logFile(ref.ownerId, ref.worker),
  ]);
  const receive = topics.toWorker(ref.worker);
  return {
    kind: 'worker',
    id: ref.worker,
    mayPublish: (topic) => publish.has(topic),
    maySubscribe: (filter) => filter === receive,
  };
}
