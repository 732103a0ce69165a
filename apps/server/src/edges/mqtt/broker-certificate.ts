import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '#core/files.js';
import type { Authority } from '#core/pki/authority.js';

const RENEW_AFTER_MS = 300 * 86_400_000;

/**
 * Writes a server certificate for an outside broker into `DATA_DIR/pki` (`broker.crt`, `broker.key`, beside `ca.pem`):
 * workers trust no other CA than the service's own. Renewed by a start after 300 days.
 */
export async function writeBrokerCertificate(
  dataDir: string,
  authority: Authority,
  hosts: string[],
): Promise<void> {
  const certificate = join(dataDir, 'pki', 'broker.crt');
  const made = await stat(certificate).catch(() => undefined);
  if (made !== undefined && Date.now() - made.mtimeMs < RENEW_AFTER_MS) return;
  const identity = await authority.issueServer(hosts);
  await writeAtomically(join(dataDir, 'pki', 'broker.key'), identity.privateKey, 0o600);
  await writeAtomically(certificate, identity.certificate);
}
