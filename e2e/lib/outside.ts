import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const POSTGRES = '/usr/lib/postgresql';

/** Folder of Debian's newest PostgreSQL programs. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(POSTGRES)) return undefined;
  const versions = readdirSync(POSTGRES).sort((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => `${POSTGRES}/${version}/bin`)
    .find((folder) => existsSync(`${folder}/postgres`));
}

export const MOSQUITTO = '/usr/sbin/mosquitto';

/** Whether Debian's PostgreSQL and Mosquitto are installed. */
export const hasOutsideParts = (): boolean => postgresPrograms() !== undefined && existsSync(MOSQUITTO);

/** Debian's PostgreSQL and Mosquitto, started for one test. */
export interface OutsideParts {
  databaseUrl: string;
  mqttUrl: string;
  /** Mosquitto needs the certificate that the service makes for it at its start. */
  startBroker(dataDir: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts PostgreSQL, and chooses a port for the broker. */
export async function startOutside(): Promise<OutsideParts> {
  const folder = await mkdtemp(join(tmpdir(), 'pr-outside-'));
  const [postgresPort, mqttPort] = [await freePort(), await freePort()];
  const started: ChildProcess[] = [];
  const data = join(folder, 'postgres');
  const isRoot = process.getuid?.() === 0;
  await mkdir(data);
  await chmod(folder, 0o755);
  if (isRoot) execFileSync('chown', ['postgres', data]);
  /** PostgreSQL refuses to run as root. */
  const asPostgres = (program: string, args: string[]): [string, string[]] => {
    const path = `${postgresPrograms()}/${program}`;
    return isRoot
      ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', path, ...args]]
      : [path, args];
  };
  const [initdb, initArgs] = asPostgres('initdb', ['-D', data, '-U', 'relay', '--auth=trust', '--no-sync']);
  execFileSync(initdb, initArgs, { cwd: '/', stdio: 'ignore' });
  const [postgres, args] = asPostgres('postgres', [
    '-D',
    data,
    '-p',
    String(postgresPort),
    '-k',
    data,
    '-h',
    '127.0.0.1',
  ]);
  started.push(await run(postgres, args, 'ready to accept connections'));
  return {
    databaseUrl: `postgresql://relay@127.0.0.1:${postgresPort}/postgres`,
    mqttUrl: `mqtts://localhost:${mqttPort}`,
    startBroker: async (dataDir) => {
      const config = join(folder, 'mosquitto.conf');
      await writeFile(join(folder, 'acl'), ACL);
      await writeFile(config, mosquittoConfig(mqttPort, dataDir, join(folder, 'acl')));
      started.push(await run(MOSQUITTO, ['-c', config, '-v'], 'running'));
    },
    stop: async () => {
      await Promise.all(started.map((child) => end(child)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** As docs/outside-broker.md has it, but for the port and the user. */
const mosquittoConfig = (port: number, dataDir: string, acl: string): string => `
listener ${port} 127.0.0.1
user root
cafile ${dataDir}/pki/ca.pem
certfile ${dataDir}/pki/broker.crt
keyfile ${dataDir}/pki/broker.key
crlfile ${dataDir}/pki/crl.pem
require_certificate true
use_identity_as_username true
acl_file ${acl}
`;

const ACL = `
user polyrelay
topic readwrite #

pattern read prod/ns/%u
pattern write prod/ns
pattern write prod/isy
pattern write prod/frontend/+/logs/%u
pattern write prod/frontend/+/logs/%u/file

pattern read ingress/%u
pattern read ingress/%u/envelopes
pattern readwrite pubsub/%u
pattern write flashlex/collect/%u
pattern write flashlex/test
`;

function run(command: string, args: string[], readyWord: string): Promise<ChildProcess> {
  const child = spawn(command, args, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (text: string): void => {
      output += text;
      if (output.includes(readyWord)) resolve(child);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('exit', (code) => reject(new Error(`${command} ended with code ${code}: ${output}`)));
    child.once('error', reject);
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  await ended;
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
