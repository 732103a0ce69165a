import { thingTopics } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { printable } from '#core/text.js';
import type { MqttIdentity } from '#edges/mqtt/index.js';
import type { ThingRef, ThingRefs } from './refs.js';

/** What a thing may do on the broker: its own topics, and those on which things send. */
export function thingIdentity({ id, name }: Pick<ThingRef, 'id' | 'name'>): MqttIdentity {
  const { ingress, envelopes, pubsub, collect, ownCollect, test } = thingTopics(name);
  const publish = new Set([collect, ownCollect, test, pubsub]);
  const subscribe = new Set([ingress, envelopes, pubsub]);
  return {
    kind: 'thing',
    id,
    mayPublish: (topic) => publish.has(topic),
    maySubscribe: (filter) => subscribe.has(filter),
  };
}

/**
 * Things are known on the broker by the fingerprint of their certificate, not by its name: one that was rotated away
 * from carries the name too.
 */
export function thingRights(app: FastifyInstance, refs: ThingRefs): void {
  app.mqtt.authenticator(async ({ certificateFingerprint }) => {
    if (certificateFingerprint === undefined) return undefined;
    const ref = await refs.byCertificate(certificateFingerprint);
    return ref?.enabled === true ? thingIdentity(ref) : undefined;
  });

  app.mqtt.onRefused(({ kind, id }, what) => {
    if (kind !== 'thing') return;
    refs.byId(id).then(
      (ref) =>
        ref &&
        app.audit.recordSeldom({
          actor: `thing ${ref.name}`,
          action: 'message.refused',
          target: ref.name,
          detail: { what: 'mqtt', why: printable(`this thing ${what}`) },
        }),
      () => undefined,
    );
  });
}
