import type { FastifyInstance } from 'fastify';
import { secretPlace } from './rows.js';

/**
 * After a rotation of the key: encrypts with the present one what an earlier one encrypted, so that the earlier one
 * can be left out of POLYRELAY_KEY. @returns how many node servers were touched
 */
export async function resealSecrets({ database, keyring }: FastifyInstance): Promise<number> {
  const { prisma } = database;
  const select = {
    id: true,
    worker: true,
    customData: true,
    oauthClientSecret: true,
    pgSecret: true,
    privateKey: true,
  };
  let touched = 0;
  for (const row of await prisma.nodeServer.findMany({ select })) {
    const reseal = <T extends Uint8Array | null>(box: T, column: Parameters<typeof secretPlace>[0]): T => {
      if (box === null || !keyring.isOld(box)) return box;
      const place = secretPlace(column, row.worker);
      return keyring.seal(keyring.open(box, place), place) as Uint8Array as T;
    };
    const { customData, oauthClientSecret, pgSecret, privateKey } = row;
    const data = {
      customData: reseal(customData, 'custom_data'),
      oauthClientSecret: reseal(oauthClientSecret, 'oauth_client_secret'),
      pgSecret: reseal(pgSecret, 'pg_secret'),
      privateKey: reseal(privateKey, 'private_key'),
    };
    if (
      data.pgSecret === pgSecret &&
      data.privateKey === privateKey &&
      data.customData === customData &&
      data.oauthClientSecret === oauthClientSecret
    )
      continue;
    await prisma.nodeServer.update({ where: { id: row.id }, data });
    touched++;
  }
  return touched;
}
