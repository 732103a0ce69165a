import { simulatedWorker } from '@polyrelay/testkit';
import { registerMany } from './service.mjs';

/** Connects `count` workers, each with `nodes` nodes of 32 drivers. */
export async function startFleet(service, count, nodes) {
  const nodeServers = await registerMany(service, count);
  const workers = [];
  for (const nodeServer of nodeServers) {
    const worker = await simulatedWorker({
      pgUrl: nodeServer.pgUrl,
      host: '127.0.0.1',
      port: service.mqttPort,
    });
    for (let from = 0; from < nodes; from += 100) {
      const mark = worker.mark();
      const addnode = Array.from({ length: Math.min(100, nodes - from) }, (_, i) => nodeOf(from + i));
      await worker.batch({ addnode });
      await worker.waitFor(({ result }) => result?.addnode !== undefined, 60_000, mark);
    }
    workers.push(worker);
  }
  return { nodeServers, workers, stop: () => Promise.all(workers.map((worker) => worker.stop())) };
}

/** As many as a node may have: batches that are on their way together hold different drivers. */
const DRIVERS = ['ST', ...Array.from({ length: 31 }, (_, i) => `GV${i}`)];

const nodeOf = (i) => ({
  address: `n${i}`,
  name: `Node ${i}`,
  nodedefid: 'bench',
  primary: `n${i}`,
  drivers: Object.fromEntries(DRIVERS.map((driver) => [driver, { value: '0', uom: '56' }])),
});

/** The `n`th batch of 20 driver values of a worker with `nodes` nodes: all of them new. */
export function batchOf(n, nodes) {
  return Array.from({ length: 20 }, (_, i) => {
    const place = (n * 20 + i) % (nodes * DRIVERS.length);
    const node = Math.floor(place / DRIVERS.length);
    return { address: `n${node}`, driver: DRIVERS[place % DRIVERS.length], value: String(n + 1), uom: '56' };
  });
}
