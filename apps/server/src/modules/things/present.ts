import { type Thing, type ThingSummary, thingTopics } from '@polyrelay/contract';
import type { ThingRow } from './store.js';

export const presentSummary = (row: ThingRow): ThingSummary => ({
  id: row.id,
  ownerId: row.ownerId,
  name: row.name,
  type: row.type,
  status: row.testCollectedAt !== null && row.testPublishedAt !== null ? 'verified' : 'created',
  enabled: row.enabled,
  connected: row.activity?.connected ?? false,
  lastSeenAt: row.activity?.lastSeenAt?.toISOString() ?? null,
  collected: Number(row.activity?.collected ?? 0),
  published: Number(row.activity?.published ?? 0),
  createdAt: row.createdAt.toISOString(),
});

export const presentThing = (row: ThingRow): Thing => {
  const { ingress, pubsub, collect: egress, test } = thingTopics(row.name);
  return {
    ...presentSummary(row),
    certificate: row.certificate,
    certificateId: row.certificateId,
    publicKey: row.publicKey,
    privateKey: row.privateKey === null ? 'gone' : 'available',
    keepPrivateKey: row.keepPrivateKey,
    keysMadeAt: row.keysMadeAt.toISOString(),
    bootstrap: {
      collectedAt: row.testCollectedAt?.toISOString() ?? null,
      publishedAt: row.testPublishedAt?.toISOString() ?? null,
    },
    topics: { ingress, pubsub, egress, test },
  };
};
