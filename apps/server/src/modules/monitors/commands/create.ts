import type { MonitorSettings } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { newToken } from '#core/secrets/tokens.js';
import { checkName } from '../http/check.js';
import { recordOf, sealedColumns, sealedSigningSecret } from '../store.js';
import { type MonitorRecord, placeAfter } from '../types.js';
import { checkSettings } from './check.js';

/** Who makes or changes a monitor: a user, whatever the credential was. */
export interface Owner {
  userId: string;
  email: string;
}

/**
 * Makes a monitor. It is sent what happens from now on.
 * @throws invalid, with the path of each wrong field
 */
export async function createMonitor(
  app: FastifyInstance,
  { userId: ownerId, email }: Owner,
  settings: MonitorSettings,
): Promise<MonitorRecord> {
  checkSettings(app, settings);
  if (settings.transportType === 'http') await checkName(settings.transportUrl, app.config.allowPrivateUrls);
  const { transportToken, transportHeaders, ...plain } = settings;
  const row = await app.events.transaction(async (tx, record) => {
    const made = await tx.monitor.create({
      data: {
        ...plain,
        ownerId,
        ...sealedColumns(app.keyring, ownerId, { transportToken, transportHeaders }),
        signingSecret: sealedSigningSecret(app.keyring, ownerId, newToken(32)),
        progress: { create: { place: BigInt(placeAfter(app.events.last)) } },
      },
    });
    record({
      topic: `monitors/${made.id}`,
      operation: 'INSERTION',
      ownerId,
      payload: { topic: made.topic, transportType: made.transportType },
    });
    return made;
  });
  await app.audit.record({ actor: email, action: 'monitor.create', target: row.topic });
  return recordOf(app.keyring, row);
}
