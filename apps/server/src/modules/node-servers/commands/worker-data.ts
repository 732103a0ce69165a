import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../context.js';
import type { NodeServerRef } from '../refs.js';
import { secretPlace } from '../store/rows.js';

type Owner = Pick<NodeServerRef, 'id' | 'ownerId'>;

/** Replaces the notices of a node server: what is missing is removed, what is new or different is raised. */
export async function replaceNotices(
  { app }: Context,
  ref: Owner,
  notices: Record<string, unknown>,
): Promise<void> {
  await app.events.transaction(async (tx, record) => {
    const nodeServerId = ref.id;
    const before = new Map(
      (await tx.notice.findMany({ where: { nodeServerId } })).map((notice) => [notice.key, notice.content]),
    );
    const gone = [...before.keys()].filter((key) => !Object.hasOwn(notices, key));
    await tx.notice.deleteMany({ where: { nodeServerId, key: { in: gone } } });
    const topic = (key: string): string => `nodeServers/${nodeServerId}/notices/${encodeURIComponent(key)}`;
    for (const key of gone) record({ topic: topic(key), operation: 'DELETION', ownerId: ref.ownerId });
    for (const [key, value] of Object.entries(notices)) {
      const content = (value ?? '') as object;
      if (isDeepStrictEqual(before.get(key), content)) continue;
      const where = { nodeServerId_key: { nodeServerId, key } };
      await tx.notice.upsert({
        where,
        create: { nodeServerId, key, content },
        update: { content, raisedAt: new Date() },
      });
      record({
        topic: topic(key),
        operation: before.has(key) ? 'UPDATE' : 'INSERTION',
        ownerId: ref.ownerId,
      });
    }
    const noticeCount = Object.keys(notices).length;
    record({
      topic: `nodeServers/${nodeServerId}`,
      operation: 'UPDATE',
      ownerId: ref.ownerId,
      payload: { noticeCount },
    });
  });
}

/** Replaces the custom parameters. */
export async function replaceCustomParams(
  { app }: Context,
  ref: Owner,
  customParams: Record<string, unknown>,
): Promise<void> {
  await app.events.transaction(async (tx, record) => {
    await tx.nodeServer.update({
      where: { id: ref.id },
      data: { customParams: customParams as object, changedAt: new Date() },
    });
    record({ topic: `nodeServers/${ref.id}/customParams`, operation: 'UPDATE', ownerId: ref.ownerId });
  });
}

/** Replaces the custom data: encrypted, because workers keep their tokens in it. */
export async function replaceCustomData(
  { app }: Context,
  ref: NodeServerRef,
  customData: Record<string, unknown>,
): Promise<void> {
  const sealed = app.keyring.seal(JSON.stringify(customData), secretPlace('custom_data', ref.worker));
  await app.events.transaction(async (tx, record) => {
    await tx.nodeServer.update({ where: { id: ref.id }, data: { customData: sealed } });
    record({ topic: `nodeServers/${ref.id}/customData`, operation: 'UPDATE', ownerId: ref.ownerId });
  });
}

/** Sets the seconds between polls. */
export async function setPolls(
  { app }: Context,
  ref: Owner,
  polls: { shortPoll: number; longPoll: number },
): Promise<void> {
  const { shortPoll, longPoll } = polls;
  await app.events.transaction(async (tx, record) => {
    await tx.nodeServer.update({
      where: { id: ref.id },
      data: { shortPoll, longPoll, changedAt: new Date() },
    });
    record({
      topic: `nodeServers/${ref.id}/polls`,
      operation: 'UPDATE',
      ownerId: ref.ownerId,
      payload: { shortPoll, longPoll },
    });
  });
}
