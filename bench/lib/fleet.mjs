import { simulatedWorker } from '@polyrelay/testkit';
import { registerMany } from './service.mjs';

/** Connects `count` workers, each with `nodes` nodes of ten drivers. */
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

const DRIVERS = ['ST', 'GV0', 'GV1', 'GV2', 'GV3', 'GV4', 'GV5', 'GV6', 'GV7', 'GV8'];

const nodeOf = (i) => ({
  address: `n${i}`,
  name: `Node ${i}`,
  nodedefid: 'bench',
  primary: `n${i}`,
  drivers: Object.fromEntries(DRIVERS.map((driver) => [driver, { value: '0', uom: '56' }])),
});

/** The `n`th batch of 20 driver values of a worker with `nodes` nodes: all of them new. */
export function batchOf(n, nodes) {
  return Array.from({ length: 20 }, (_, i) => ({
    address: `n${(n * 2 + (i < 10 ? 0 : 1)) % nodes}`,
    driver: DRIVERS[i % 10],
    value: String(n + 1),
    uom: '56',
  }));
}
