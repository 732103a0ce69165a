import type { NodeServer } from '@polyrelay/contract';
import { type SimulatedWorker, type SimulatedWorkerOptions, simulatedWorker } from '@polyrelay/testkit';
import type { TestService } from './service.js';

const SERVER_JSON = {
  name: 'Test',
  type: 'node',
  executable: 'test.js',
  credits: [{ title: 'Test', author: 'Tester', version: '1.2.3' }],
  shortPoll: '30',
  longPoll: 300,
};

/** Registers a node server whose worker the test plays itself. */
export function registerLocal(
  service: TestService,
  extra: Record<string, unknown> = {},
): Promise<NodeServer> {
  return service.call<NodeServer>('POST', '/api/node-servers', {
    body: { serverJson: SERVER_JSON, runtime: 'local', ...extra },
    status: 201,
  });
}

/** Connects the simulated worker of a node server, and waits until the service knows. */
export async function connectWorker(
  service: TestService,
  nodeServer: Pick<NodeServer, 'id' | 'pgUrl'>,
  options: Partial<SimulatedWorkerOptions> = {},
): Promise<SimulatedWorker> {
  const worker = await simulatedWorker({
    pgUrl: nodeServer.pgUrl,
    host: '127.0.0.1',
    port: service.mqttPort,
    ...options,
  });
  return worker;
}

/** Resolves with the first event on `filter` that satisfies `wanted`, from now on. */
export function nextEvent(
  service: TestService,
  filter: string,
  wanted: (payload: Record<string, unknown>, operation: string) => boolean = () => true,
): Promise<void> {
  return new Promise((resolve) => {
    const end = service.app.events.on(filter, ({ payload, operation }) => {
      if (!wanted(payload, operation)) return;
      end();
      resolve();
    });
  });
}
