import { randomInt } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { PoolClient } from 'pg';
import { v7 } from 'uuid';
import { BatchQueue } from '#core/batch-queue.js';
import { DomainError, notFound } from '#core/errors.js';
import type { Recorder } from '#core/events/types.js';
import { readThings } from '../collect/store.js';
import { MAX_BATCH, weigh } from '../collect/writer.js';
import { insertedPayload } from '../present.js';
import { insertIngress, type NewIngress, placesOf } from './store.js';

/** A message to a thing, checked. */
export interface Publication {
  thing: { id: string; ownerId: string; name: string };
  json: string;
  bytes: number;
}

/** The stored message, or why it is not stored. */
export type Published = { id: string; at: Date } | DomainError;

/** Stores messages to things, many in one transaction. */
export function publisher(app: FastifyInstance): BatchQueue<Publication, Published> {
  return new BatchQueue<Publication, Published>({
    max: MAX_BATCH,
    weigh,
    write: (batch) => app.events.sql((client, record) => store(app, client, record, batch)),
  });
}

async function store(
  app: FastifyInstance,
  client: PoolClient,
  record: Recorder,
  batch: Publication[],
): Promise<Published[]> {
  const results = new Map<Publication, Published>();
  const enabled = await readThings(client, [...new Set(batch.map(({ thing }) => thing.id))]);
  const wanted = batch.filter((publication) => {
    const refusal = refusalOf(publication, enabled.get(publication.thing.id));
    if (refusal !== undefined) results.set(publication, refusal);
    return refusal === undefined;
  });
  const admitted = await admit(app, client, wanted, results);
  const messages = await place(client, admitted);
  if (messages.length > 0) await insertIngress(client, messages);
  messages.forEach(({ id, thingId, at, json, bytes }, i) => {
    const publication = admitted[i] as Publication;
    results.set(publication, { id, at });
    record({
      topic: `things/${thingId}/messages/${id}`,
      operation: 'INSERTION',
      ownerId: publication.thing.ownerId,
      payload: insertedPayload({ type: 'ingress', at, bytes, json, state: 'queued' }),
    });
  });
  return batch.map((publication) => results.get(publication) as Published);
}

function refusalOf({ thing }: Publication, enabled: boolean | undefined): DomainError | undefined {
  if (enabled === undefined) return notFound('This thing');
  if (enabled) return undefined;
  return new DomainError(
    'conflict',
    'thingDisabled',
    `${thing.name} is disabled and gets no messages. Enable it in its settings first.`,
  );
}

/** Counts messages against their owners' limits, always in the same order of owners. @returns those within */
async function admit(
  app: FastifyInstance,
  client: PoolClient,
  wanted: Publication[],
  results: Map<Publication, Published>,
): Promise<Publication[]> {
  const byOwner = new Map<string, Publication[]>();
  for (const publication of wanted) {
    const { ownerId } = publication.thing;
    byOwner.set(ownerId, byOwner.get(ownerId) ?? []);
    byOwner.get(ownerId)?.push(publication);
  }
  for (const ownerId of [...byOwner.keys()].sort()) {
    const own = byOwner.get(ownerId) ?? [];
    const count = await app.policies.admit(client, ownerId, 'published', own.length);
    if (count === own.length) continue;
    const refusal = await app.policies.overLimit(ownerId, 'published');
    for (const publication of own.slice(count)) results.set(publication, refusal);
  }
  return wanted.filter((publication) => !results.has(publication));
}

/** Gives messages their times and ids. */
async function place(client: PoolClient, admitted: Publication[]): Promise<NewIngress[]> {
  const places = await placesOf(client, [...new Set(admitted.map(({ thing }) => thing.id))]);
  // Messages of one thing have one time within a batch; their ids grow.
  const first = randomInt(2 ** 30);
  return admitted.map(({ thing, json, bytes }, i) => {
    const at = places.get(thing.id) ?? new Date();
    return { id: v7({ msecs: at.getTime(), seq: first + i }), thingId: thing.id, at, json, bytes };
  });
}
