import {
  mutualTlsBroker,
  type ServicePeer,
  type ServicePeerOptions,
  servicePeer,
  type TestBroker,
} from '@polyrelay/testkit';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Command, Controller, Logger, Node, NodeServer, type NodeServerOptions } from '../index.js';

export class Lamp extends Node {
  static override readonly nodedefId: string = 'lamp';
  override readonly drivers = { ST: { value: 0, uom: 51 }, GV1: { value: 20, uom: 17 } };
  override readonly commands = {
    DON: ({ value }: Command) => this.setDriver('ST', value ?? 100),
    FAIL: () => {
      throw new Error('no bulb');
    },
  };
}

export class TestController extends Controller {
  static override readonly nodedefId = 'controller';
  override readonly drivers = { ST: { value: true, uom: 2 } };
  override readonly commands = {};
}

export interface Running {
  server: NodeServer;
  service: ServicePeer;
  /** Resolves with the code when the process would have ended. */
  exited: Promise<number>;
  start: () => Promise<void>;
}

type HarnessOptions = NodeServerOptions &
  Pick<ServicePeerOptions, 'record' | 'answers'> & { controller?: Controller };

/** One broker a file; for each test a worker and a service of its own, closed afterwards. */
export const harness = () => {
  let broker: TestBroker;
  let count = 0;
  const open: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    broker = await mutualTlsBroker();
  });
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
  afterAll(() => broker.close());

  const prepare = async ({
    record,
    answers = true,
    controller,
    ...options
  }: HarnessOptions = {}): Promise<Running> => {
    count += 1;
    const own = { worker: `worker${count}`, customParams: {}, customData: {}, notices: {}, ...record };
    const service = await servicePeer(broker, { record: own, stage: `stage${count}`, answers });
    open.push(() => service.close());
    let exit: (code: number) => void = () => {};
    const exited = new Promise<number>((resolve) => {
      exit = resolve;
    });
    const server = new NodeServer(controller ?? new TestController(), {
      log: new Logger('Test', process.env.LOG_LEVEL === 'debug' ? 'debug' : 'off'),
      signals: false,
      profile: 'manual',
      exit,
      backoff: { firstMs: 20, maxMs: 100 },
      ...options,
    });
    open.push(() => server.stop());
    const start = () => server.start({ pgUrl: service.pgUrl, host: broker.host, port: broker.port });
    return { server, service, exited, start };
  };
  return {
    prepare,
    broker: () => broker,
    run: async (options?: HarnessOptions): Promise<Running> => {
      const running = await prepare(options);
      await running.start();
      return running;
    },
  };
};
