// Memory of the service with 500 connected workers, and the time to start with an existing data folder.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { simulatedWorker } from '@polyrelay/testkit';
import { median, ms, report } from './lib/figures.mjs';
import { registerMany, startService } from './lib/service.mjs';

const WORKERS = 500;
const STARTS = 5;
const MIB = 1024 * 1024;

/** Resident memory of a process, in bytes. */
async function residentOf(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024;
}

const dataDir = await mkdtemp(join(tmpdir(), 'pr-bench-'));
let service = await startService({ dataDir });
const idle = await residentOf(service.pid);
const workers = [];
for (const nodeServer of await registerMany(service, WORKERS)) {
  workers.push(await simulatedWorker({ pgUrl: nodeServer.pgUrl, host: '127.0.0.1', port: service.mqttPort }));
}
await Promise.all(workers.map((worker) => worker.addController()));
// Long enough for a garbage collection of what the registrations left.
await delay(10_000);
const busy = await residentOf(service.pid);
report(
  `memory with ${WORKERS} connected workers`,
  `${(busy / MIB).toFixed(0)} MiB (${(idle / MIB).toFixed(0)} idle)`,
  '≤ 250 MiB',
  busy <= 250 * MIB,
);
await Promise.all(workers.map((worker) => worker.stop()));
await service.stop();

const starts = [];
for (let i = 0; i < STARTS; i++) {
  service = await startService({ dataDir });
  starts.push(service.readyMs);
  await service.stop();
}
report('start to ready, existing data folder', ms(median(starts)), '≤ 2500 ms', median(starts) <= 2500);
await rm(dataDir, { recursive: true, force: true });
