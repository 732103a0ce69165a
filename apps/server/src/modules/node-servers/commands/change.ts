import type { NodeServerChange } from '@polyrelay/contract';
import type { z } from 'zod';
import { isUniqueViolation } from '#core/database/database.js';
import { DomainError } from '#core/errors.js';
import type { Context } from '../context.js';
import { checkIngress, ingressColumns, presentIngress } from '../ingress.js';
import { type NodeServerRow, secretPlace } from '../store/rows.js';

/** Changes what the user may change. A running worker gets its new record; a new slot or limit needs a restart. */
export async function changeNodeServer(
  { app, link }: Context,
  row: NodeServerRow,
  change: z.output<typeof NodeServerChange>,
): Promise<void> {
  if (change.runtime !== undefined) app.nodeServers.runtimes.check(change.runtime);
  if (change.runtime !== undefined && change.runtime !== 'local' && row.source === null) {
    const message = 'The service has no program of this node server: it was registered to be run by you.';
    throw new DomainError('invalid', 'noSource', message, { errors: [{ path: 'runtime', message }] });
  }
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
        data: { ...simple, ...oauthColumns(app, row, oauth), ...ingress, changedAt: new Date() },
      });
      const payload = {
        ...simple,
        ...(ingress === undefined ? {} : { ingress: presentIngress(app, changed) }),
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
