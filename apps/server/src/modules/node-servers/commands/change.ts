import type { NodeServerChange, RuntimeName } from '@polyrelay/contract';
import type { z } from 'zod';
import { isUniqueViolation } from '#core/database/database.js';
import { DomainError } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import { Prisma } from '#generated/prisma/client.js';
import type { Context } from '../context.js';
import { checkIngress, ingressColumns, presentIngress } from '../ingress.js';
import { type NodeServerRow, secretPlace } from '../store/rows.js';
import { checkSource } from './check-source.js';

/** Changes what the user may change. A running worker gets its new record; a new slot, limit or source needs a restart. */
export async function changeNodeServer(
  { app, link }: Context,
  principal: Principal,
  row: NodeServerRow,
  change: z.output<typeof NodeServerChange>,
): Promise<void> {
  if (change.runtime !== undefined) app.nodeServers.runtimes.check(change.runtime);
  if (change.runtime !== undefined && change.runtime !== 'local' && row.source === null) {
    const message = 'The service has no program of this node server: it was registered to be run by you.';
    throw new DomainError('invalid', 'noSource', message, { errors: [{ path: 'runtime', message }] });
  }
  if (change.source !== undefined)
    await checkSource(app, principal, change.runtime ?? (row.runtime as RuntimeName), change.source);
  const { name, slot, runtime, limits, development, oauth, logLevel } = change;
  const simple = {
    ...(name === undefined ? {} : { name }),
    ...(slot === undefined ? {} : { slot }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(limits === undefined ? {} : { limits }),
    ...(development === undefined ? {} : { development }),
    ...(logLevel === undefined ? {} : { logLevel }),
  };
  checkIngress(row, change);
  await app.events
    .transaction(async (tx, record) => {
      const ingress = await ingressColumns(app, tx, row, change);
      const changed = await tx.nodeServer.update({
        where: { id: row.id },
        data: {
          ...simple,
          ...oauthColumns(app, row, oauth),
          ...sourceColumns(change.source),
          ...ingress,
          changedAt: new Date(),
        },
      });
      const payload = {
        ...simple,
        ...(ingress === undefined ? {} : { ingress: presentIngress(app, changed) }),
        ...(change.source === undefined ? {} : { installed: null }),
        // Told without its content: who has to know the secret reads it.
        ...(oauth === undefined ? {} : { isProviderChanged: true }),
      };
      record({ topic: `nodeServers/${row.id}`, operation: 'UPDATE', ownerId: row.ownerId, payload });
    })
    .catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
      const message = `Slot ${slot} of “${row.controller.name}” is taken.`;
      throw new DomainError('conflict', 'slotTaken', message, {
        cause: error,
        errors: [{ path: 'slot', message }],
      });
    });
  link.configNeeded(row, true);
}

/** Nothing of what was installed from elsewhere counts any more. */
const sourceColumns = (source: z.output<typeof NodeServerChange>['source']) =>
  source === undefined ? {} : { source, installed: Prisma.DbNull, previous: Prisma.DbNull };

function oauthColumns(
  app: Context['app'],
  row: NodeServerRow,
  oauth: z.output<typeof NodeServerChange>['oauth'],
) {
  if (oauth === undefined) return {};
  if (oauth === null) return { oauthUrl: null, oauthClientId: null, oauthClientSecret: null };
  const secret =
    oauth.clientSecret === ''
      ? {}
      : {
          oauthClientSecret: app.keyring.seal(
            oauth.clientSecret,
            secretPlace('oauth_client_secret', row.worker),
          ),
        };
  return { oauthUrl: oauth.url, oauthClientId: oauth.clientId, ...secret };
}
