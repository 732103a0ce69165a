// A server certificate for an outside broker, signed by the service's own CA, which workers trust:
//   node docker/broker-certificate.mjs <data folder> <folder for the files> <host name>…
// Writes ca.pem, broker.crt and broker.key. The CA is made when the data folder has none yet.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openAuthority } from '../apps/server/dist/core/pki/authority.js';

const [dataDir, folder, ...hosts] = process.argv.slice(2);
if (hosts.length === 0) {
  process.stderr.write('Usage: node docker/broker-certificate.mjs <data folder> <folder> <host name>…\n');
  process.exit(1);
}
const authority = await openAuthority(dataDir);
const { certificate, privateKey } = await authority.issueServer(hosts);
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'ca.pem'), authority.caPem);
await writeFile(join(folder, 'broker.crt'), certificate);
await writeFile(join(folder, 'broker.key'), privateKey, { mode: 0o600 });
