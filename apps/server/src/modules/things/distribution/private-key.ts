import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import { privateKeyPlace } from '../keys.js';
import type { ThingRow } from '../store.js';

/** A download that takes longer is broken off; one whose process died stands in the way for no longer. */
export const DOWNLOAD_MS = 5 * 60_000;

/** What a download does about the private key when it ends. */
export interface PrivateKeyClaim {
  /** PEM, PKCS#1. */
  pem: string;
  /** The download was sent whole: the stored key is deleted, unless the owner keeps it. */
  spend(actor: string, ip: string): Promise<void>;
  /** It was not: the next one may have the key. */
  release(): Promise<void>;
}

/**
 * Takes the private key for one download: no second one gets it while this one is under way, on any replica.
 * @throws gone `privateKeyGone`; conflict `downloadUnderWay`
 */
export async function claimPrivateKey(app: FastifyInstance, row: ThingRow): Promise<PrivateKeyClaim> {
  if (row.privateKey === null) throw privateKeyGone(row.name);
  const pem = app.keyring.open(row.privateKey, privateKeyPlace(row.id));
  if (row.keepPrivateKey) return { pem, spend: async () => undefined, release: async () => undefined };
  const until = await claim(app, row);
  return {
    pem,
    spend: (actor, ip) => spend(app, row, actor, ip),
    release: async () => {
      await app.database.pool.query(
        'UPDATE things SET key_claimed_until = NULL WHERE id = $1::uuid AND key_claimed_until = $2',
        [row.id, until],
      );
    },
  };
}

async function claim({ database: { pool } }: FastifyInstance, row: ThingRow): Promise<Date> {
  const { rows } = await pool.query<{ until: Date }>(
    `UPDATE things SET key_claimed_until = now() + $3 * interval '1 ms'
      WHERE id = $1::uuid AND certificate_id = $2 AND private_key IS NOT NULL
        AND (key_claimed_until IS NULL OR key_claimed_until < now())
      RETURNING key_claimed_until AS until`,
    // A little longer than the download may take.
    [row.id, row.certificateId, DOWNLOAD_MS + 10_000],
  );
  if (rows[0] !== undefined) return rows[0].until;
  const { rows: now } = await pool.query<{ gone: boolean }>(
    'SELECT private_key IS NULL AS gone FROM things WHERE id = $1::uuid',
    [row.id],
  );
  throw now[0]?.gone === false ? underWay(row.name) : privateKeyGone(row.name);
}

/** Deletes the stored key, unless it was rotated meanwhile or the owner has said to keep it. */
async function spend(app: FastifyInstance, row: ThingRow, actor: string, ip: string): Promise<void> {
  await app.events.transaction(async (tx, record) => {
    const { count } = await tx.thing.updateMany({
      where: { id: row.id, certificateId: row.certificateId, keepPrivateKey: false },
      data: { privateKey: null, keyClaimedUntil: null },
    });
    if (count === 0) return;
    await tx.auditEntry.create({
      data: { actor, action: 'thing.privateKey.delete', target: row.name, detail: { id: row.id }, ip },
    });
    record({
      topic: `things/${row.id}`,
      operation: 'UPDATE',
      ownerId: row.ownerId,
      payload: { privateKey: 'gone' },
    });
  });
}

/** The answer where it was given out. */
export const privateKeyGone = (name: string): DomainError =>
  new DomainError(
    'gone',
    'privateKeyGone',
    `The private key of ${name} was downloaded already; it is given out once. If it is lost, rotate the keys on the thing’s page and download again. To update the software alone, add ?privateKey=false.`,
  );

const underWay = (name: string): DomainError =>
  new DomainError(
    'conflict',
    'downloadUnderWay',
    `Another download of ${name} with its private key is under way. Wait until it ends; if it breaks off, you can download in a moment, at the latest in ${DOWNLOAD_MS / 60_000} minutes.`,
  );
