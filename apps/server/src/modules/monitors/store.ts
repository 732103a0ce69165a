import { MonitorSettings } from '@polyrelay/contract';
import type { Keyring } from '#core/secrets/keyring.js';
import type { Monitor as MonitorRow } from '#generated/prisma/client.js';
import type { MonitorRecord } from './types.js';

/** The place a monitor’s secret is sealed for. They are sealed before the row has its id: the owner stands for it. */
const place = (column: string, ownerId: string): string => `monitors.${column}:${ownerId}`;

/** The secret columns of a monitor. */
export const sealedColumns = (
  keyring: Keyring,
  ownerId: string,
  { transportToken, transportHeaders }: Pick<MonitorSettings, 'transportToken' | 'transportHeaders'>,
) => ({
  transportToken:
    transportToken === null ? null : keyring.seal(transportToken, place('transport_token', ownerId)),
  transportHeaders:
    Object.keys(transportHeaders).length === 0
      ? null
      : keyring.seal(JSON.stringify(transportHeaders), place('transport_headers', ownerId)),
});

export const sealedSigningSecret = (keyring: Keyring, ownerId: string, secret: string) =>
  keyring.seal(secret, place('signing_secret', ownerId));

/** A row with its secrets opened. */
export function recordOf(keyring: Keyring, row: MonitorRow): MonitorRecord {
  const { id, ownerId, createdAt } = row;
  const settings = MonitorSettings.parse({
    ...row,
    transportToken:
      row.transportToken === null
        ? null
        : keyring.open(row.transportToken, place('transport_token', ownerId)),
    transportHeaders:
      row.transportHeaders === null
        ? {}
        : JSON.parse(keyring.open(row.transportHeaders, place('transport_headers', ownerId))),
  });
  return {
    ...settings,
    id,
    ownerId,
    createdAt,
    signingSecret: keyring.open(row.signingSecret, place('signing_secret', ownerId)),
  };
}
