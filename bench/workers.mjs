// Start to connected of a Node.js worker: by hand, as a process, in the sandbox, and in one that was kept ready; and
// what a hundred idle workers cost the service.
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { thermostatFolder } from '@polyrelay/demo';
import { fetchWorkerStart } from '@polyrelay/testkit';
import { median, ms, report } from './lib/figures.mjs';
import { openLive } from './lib/live.mjs';
import { startService } from './lib/service.mjs';

const ROUNDS = 9;
const IDLE_WORKERS = 100;
const IDLE_SECONDS = 20;
/** Jiffies a second in /proc (USER_HZ). */
const HZ = 100;

const folder = await mkdtemp(join(tmpdir(), 'pr-bench-workers-'));
const source = join(folder, 'program');
await cp(thermostatFolder(), source, { recursive: true });
const serverJson = JSON.parse(await readFile(join(source, 'server.json'), 'utf8'));
const service = await startService();

/** Waiting for a node server to be seen connected or gone, as a dashboard sees it. */
const seen = new Map();
const live = await openLive(service, 'nodeServers/+', ({ topic, payload }) => {
  const id = topic.split('/')[1];
  if (payload.connected === undefined) return;
  seen.get(`${id} ${payload.connected}`)?.();
});
const until = (id, connected) => new Promise((resolve) => seen.set(`${id} ${connected}`, resolve));

let controllerId;
let registered = 0;
async function register(extra) {
  if (registered++ % 25 === 0)
    controllerId = (await service.call('POST', '/api/controllers', { name: `Bench ${registered}` })).id;
  return service.call('POST', '/api/node-servers', { serverJson, controllerId, start: false, ...extra });
}

/** Starts and stops a node server of the service once. @returns ms from the request to connected */
async function startOnce({ id }) {
  const connected = until(id, true);
  const begun = performance.now();
  await service.call('POST', `/api/node-servers/${id}/start`);
  await connected;
  const took = performance.now() - begun;
  const gone = until(id, false);
  await service.call('POST', `/api/node-servers/${id}/stop`);
  await gone;
  // A spare is made ready meanwhile.
  await delay(600);
  return took;
}

/** The same program started by hand, with what its PGURL told. @returns ms from the start of the process to connected */
async function startByHand({ id, pgUrl }) {
  const start = await fetchWorkerStart(pgUrl);
  const certs = join(folder, 'certs');
  await mkdir(certs, { recursive: true });
  await Promise.all([
    writeFile(join(certs, 'AmazonRootCA1.pem'), start.caCert),
    writeFile(join(certs, 'iot.crt'), start.iotCert),
    writeFile(join(certs, 'private.key'), start.iotPrivateKey),
  ]);
  const connected = until(id, true);
  const begun = performance.now();
  const child = spawn(process.execPath, [serverJson.executable], {
    cwd: source,
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      STAGE: start.stage,
      MQTTENDPOINT: start.iotHost,
      MQTTPORT: String(service.mqttPort),
      NODESERVER: JSON.stringify(start.nodeServer),
    },
  });
  await connected;
  const took = performance.now() - begun;
  const gone = until(id, false);
  child.kill('SIGTERM');
  await gone;
  await delay(600);
  return took;
}

const byHand = await register({ runtime: 'local' });
const modes = {
  process: await register({ source: { folder: source }, runtime: 'process' }),
  // Limits of its own: no spare fits.
  sandbox: await register({ source: { folder: source }, runtime: 'sandbox', limits: { memoryMb: 513 } }),
  spare: await register({ source: { folder: source }, runtime: 'sandbox' }),
};
const times = { byHand: [], process: [], sandbox: [], spare: [] };
// The first start installs.
for (const nodeServer of Object.values(modes)) await startOnce(nodeServer);
for (let round = 0; round < ROUNDS; round++) {
  times.byHand.push(await startByHand(byHand));
  for (const [name, nodeServer] of Object.entries(modes)) times[name].push(await startOnce(nodeServer));
}
const bare = median(times.byHand);
const versus = (name) => `${ms(median(times[name]))} (${(median(times[name]) / bare).toFixed(2)}×)`;
report('start to connected, by hand', ms(bare), 'the baseline');
report('start to connected, as a process', versus('process'), '');
report('start to connected, in the sandbox', versus('sandbox'), '');
report(
  'start to connected, in a sandbox kept ready',
  versus('spare'),
  '≤ 1.5 ×',
  median(times.spare) <= 1.5 * bare,
);
const added = median(times.sandbox) - median(times.process);
report('the sandbox adds', ms(added), '≤ 50 ms', added <= 50);

/** Seconds of CPU the service itself has used. */
async function cpuSeconds() {
  const stat = await readFile(`/proc/${service.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / HZ;
}

/** Percent of one core over a quiet time. */
async function load() {
  const before = await cpuSeconds();
  await delay(IDLE_SECONDS * 1000);
  return ((await cpuSeconds()) - before) / (IDLE_SECONDS / 100);
}

const quiet = await load();
const idle = [];
for (let i = 0; i < IDLE_WORKERS; i++)
  idle.push(await register({ source: { folder: source }, runtime: 'sandbox' }));
for (const { id } of idle) {
  const connected = until(id, true);
  await service.call('POST', `/api/node-servers/${id}/start`);
  await connected;
}
await delay(10_000);
const busy = await load();
report(
  `CPU of the service with ${IDLE_WORKERS} idle workers in sandboxes`,
  `${busy.toFixed(1)} % (${quiet.toFixed(1)} % without)`,
  '≤ 5 % more',
  busy - quiet <= 5,
);

live.close();
await service.stop();
await rm(folder, { recursive: true, force: true });
