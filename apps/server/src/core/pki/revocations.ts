import { join } from 'node:path';
import { writeAtomically } from '#core/files.js';
import type { Authority } from './authority.js';

/** A certificate that is refused although its time is not over. */
export interface Revocation {
  /** Serial number, in hex. */
  serial: string;
  revokedAt: Date;
}

/** Writes `DATA_DIR/pki/crl.pem`, for an outside broker: it knows nothing of a certificate but what this list says. */
export async function writeRevocations(
  dataDir: string,
  authority: Authority,
  revocations: Revocation[],
): Promise<void> {
  await writeAtomically(join(dataDir, 'pki', 'crl.pem'), await authority.revocationList(revocations));
}
