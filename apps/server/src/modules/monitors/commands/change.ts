import type { MonitorChange, MonitorSettings } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { Transaction } from '#core/database/database.js';
import { notFound } from '#core/errors.js';
import { newToken } from '#core/secrets/tokens.js';
import type { Prisma } from '#generated/prisma/client.js';
import { DEAD_AFTER_S, voidBlocks } from '../delivery/store.js';
import { checkName } from '../http/check.js';
import { recordOf, sealedColumns, sealedSigningSecret } from '../store.js';
import { keepsPlace, type MonitorRecord, placeAfter } from '../types.js';
import { checkSettings } from './check.js';
import type { Owner } from './create.js';

/**
 * Changes a monitor of `owner`; what is left out stays. Its session ends, blocks that were not acknowledged are made
 * again, and an HTTP one that was given up is tried again: also when nothing differs.
 * @throws notFound; invalid, with the path of each wrong field
 */
export async function changeMonitor(
  app: FastifyInstance,
  owner: Owner,
  id: number,
  change: MonitorChange,
): Promise<MonitorRecord> {
  await checkName(change.transportUrl, app.config.allowPrivateUrls);
  return applyChange(app, owner, id, (before) => {
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    // Who takes the kind of template away means the template, too.
    if (given.schemaType === null && given.schemaData === undefined) given.schemaData = '';
    const after: MonitorSettings = { ...before, ...given };
    checkSettings(app, after);
    return { after, columns: columnsOf(app, before.ownerId, given), changed: Object.keys(given) };
  });
}

/** Gives a monitor another secret to sign with. @throws notFound */
export function renewSecret(app: FastifyInstance, owner: Owner, id: number): Promise<MonitorRecord> {
  return applyChange(app, owner, id, (before) => ({
    after: before,
    columns: { signingSecret: sealedSigningSecret(app.keyring, before.ownerId, newToken(32)) },
    changed: ['signingSecret'],
  }));
}

interface Applied {
  after: MonitorSettings;
  columns: Prisma.MonitorUpdateInput;
  /** Names of what was given, for those who hear of it: the values may be secret. */
  changed: string[];
}

async function applyChange(
  app: FastifyInstance,
  { userId: ownerId, email }: Owner,
  id: number,
  decide: (before: MonitorRecord) => Applied,
): Promise<MonitorRecord> {
  const { row, changed } = await app.events.transaction(async (tx, record) => {
    // Two changes at once: the second one sees what the first one did.
    await tx.$executeRaw`SELECT FROM monitors WHERE id = ${id} FOR UPDATE`;
    const found = await tx.monitor.findFirst({ where: { id, ownerId } });
    if (found === null) throw notFound('This monitor');
    const before = recordOf(app.keyring, found);
    const { after, columns, changed } = decide(before);
    const begins =
      (!keepsPlace(before) && keepsPlace(after) && !(await isConnected(tx, id))) ||
      (await isDisabled(tx, id));
    const row = await tx.monitor.update({
      where: { id },
      data: {
        ...columns,
        changedAt: new Date(),
        progress: {
          update: {
            failingSince: null,
            failure: null,
            disabled: false,
            // What happened while it kept no place, or was given up, was not meant for it.
            ...(begins ? { place: BigInt(placeAfter(app.events.last)) } : {}),
          },
        },
      },
    });
    await voidBlocks({ query: (text, values) => tx.$executeRawUnsafe(text, ...values) }, id);
    // The topic is always among it: whoever has a session knows by a setting's name that it ends.
    record({ topic: `monitors/${id}`, operation: 'UPDATE', ownerId, payload: { topic: row.topic, changed } });
    return { row, changed };
  });
  const detail = { id, changed: changed.join(', ') };
  await app.audit.record({ actor: email, action: 'monitor.change', target: row.topic, detail });
  return recordOf(app.keyring, row);
}

async function isConnected(tx: Transaction, monitorId: number): Promise<boolean> {
  const seenAt = { gt: new Date(Date.now() - DEAD_AFTER_S * 1000) };
  return (await tx.monitorSession.count({ where: { monitorId, seenAt } })) > 0;
}

const isDisabled = async (tx: Transaction, monitorId: number): Promise<boolean> =>
  (await tx.monitorProgress.count({ where: { monitorId, disabled: true } })) > 0;

/** The columns of what was given. */
function columnsOf(
  app: FastifyInstance,
  ownerId: string,
  { transportToken, transportHeaders, ...plain }: MonitorChange,
): Prisma.MonitorUpdateInput {
  const sealed = sealedColumns(app.keyring, ownerId, {
    transportToken: transportToken ?? null,
    transportHeaders: transportHeaders ?? {},
  });
  return {
    ...(plain as Prisma.MonitorUpdateInput),
    ...(transportToken === undefined ? {} : { transportToken: sealed.transportToken }),
    ...(transportHeaders === undefined ? {} : { transportHeaders: sealed.transportHeaders }),
  };
}
