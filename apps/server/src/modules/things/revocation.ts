import { X509Certificate } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Transaction } from '#core/database/database.js';
import { writeRevocations } from '#core/pki/revocations.js';

const serialOf = (certificate: string): string => new X509Certificate(certificate).serialNumber;

/** Puts a certificate (PEM) on the list of those that are refused, in the transaction that refuses it. */
export async function revoke(tx: Transaction, certificate: string): Promise<void> {
  const data = [{ serial: serialOf(certificate) }];
  await tx.revokedCertificate.createMany({ data, skipDuplicates: true });
}

/** Takes it off again. */
export async function reinstate(tx: Transaction, certificate: string): Promise<void> {
  await tx.revokedCertificate.deleteMany({ where: { serial: serialOf(certificate) } });
}

/**
 * With an outside broker: keeps `DATA_DIR/pki/crl.pem` up to date, for it to read. The embedded one asks for every
 * connection whose certificate it is.
 */
export async function keepRevocationList(app: FastifyInstance): Promise<void> {
  if (app.config.mqtt.url === undefined) return;
  const write = async (): Promise<void> => {
    const revocations = await app.database.prisma.revokedCertificate.findMany();
    await writeRevocations(app.config.dataDir, app.authority, revocations);
  };
  let writing: Promise<void> = Promise.resolve();
  let isWaiting = false;
  app.events.on('things/+', ({ payload }) => {
    if (isWaiting || !('enabled' in payload || 'keysMadeAt' in payload)) return;
    isWaiting = true;
    writing = writing
      .then(() => {
        isWaiting = false;
        return write();
      })
      .catch((error: unknown) =>
        app.logger.error({ err: error }, 'the list of refused certificates could not be written'),
      );
  });
  await write();
}
