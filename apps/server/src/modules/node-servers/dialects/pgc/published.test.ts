import { setTimeout as delay } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import type { LogLine, NodeServer, WorkerMessage, WorkerStart } from '@polyrelay/contract';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWorker, registerLocal } from '../../../../testing/node-servers.js';
import { startService, type TestService } from '../../../../testing/service.js';
import { logLine, untilNodeServer } from '../../../../testing/waiting.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const PYTHON = { name: 'Published', type: 'python3', executable: 'published.py' };

/** A connection as the public Python module makes it: it says that it is there, and subscribes only then. */
class PythonConnection {
  readonly messages: WorkerMessage[] = [];
  readonly client: MqttClient;
  readonly start: WorkerStart;

  private constructor(client: MqttClient, start: WorkerStart) {
    this.client = client;
    this.start = start;
    client.on('message', (_topic, payload) => {
      this.messages.push(JSON.parse(payload.toString('utf8')) as WorkerMessage);
    });
  }

  static async open(pgUrl: string): Promise<PythonConnection> {
    const start = (await (await fetch(pgUrl)).json()) as WorkerStart;
    const client = await connectAsync({
      protocol: 'mqtts',
      host: '127.0.0.1',
      port: service.mqttPort,
      key: start.iotPrivateKey,
      cert: start.iotCert,
      ca: start.caCert,
      reconnectPeriod: 0,
    });
    return new PythonConnection(client, start);
  }

  get topic(): string {
    return `${this.start.stage}/ns/${this.start.nodeServer.worker}`;
  }

  async send(message: Record<string, unknown>): Promise<void> {
    const { userId, profileNum, id } = this.start.nodeServer;
    const envelope = { ...message, userId, topic: this.topic, profileNum, id };
    await this.client.publishAsync(`${this.start.stage}/ns`, JSON.stringify(envelope));
  }

  async until(wanted: (message: WorkerMessage) => boolean): Promise<WorkerMessage> {
    for (;;) {
      const found = this.messages.find(wanted);
      if (found !== undefined) return found;
      await new Promise((resolve) => this.client.once('message', resolve));
    }
  }
}

const connected = (nodeServer: NodeServer): Promise<NodeServer> =>
  untilNodeServer(service, nodeServer.id, (now) => now.connected);

describe('a worker that says it is connected before it subscribes', () => {
  test('loses nothing that is sent in between', async () => {
    const nodeServer = await registerLocal(service, { serverJson: PYTHON });
    const path = `/api/node-servers/${nodeServer.id}`;
    const worker = await PythonConnection.open(nodeServer.pgUrl);
    await worker.send({ connected: true });
    await connected(nodeServer);
    const answer = service.call('POST', `${path}/nodes/all/query`, { status: 202 });
    await service.call('PUT', `${path}/custom-params`, { body: { city: 'Oslo' } });
    await delay(200);
    expect(worker.messages).toEqual([]);
    await worker.client.subscribeAsync(worker.topic);
    await worker.until(({ query }) => query?.address === 'all');
    await worker.until(({ config }) => config?.customParams.city === 'Oslo');
    expect(await answer).toMatchObject({ delivered: true });
    await worker.client.endAsync();
  });

  test('is told of its controller’s status, which changed while it connected', async () => {
    const nodeServer = await registerLocal(service, { serverJson: PYTHON });
    const first = await connectWorker(service, nodeServer);
    await first.addController();
    await first.stop();
    await untilNodeServer(service, nodeServer.id, ({ nodes }) => nodes.controller?.drivers.ST?.value === 0);
    const again = await PythonConnection.open(nodeServer.pgUrl);
    expect(again.start.nodeServer.nodes.controller?.drivers.ST?.value).toBe(0);
    await again.send({ connected: true });
    await connected(nodeServer);
    await again.client.subscribeAsync(again.topic);
    const { config } = await again.until((message) => message.config !== undefined);
    expect(config?.nodes.controller?.drivers.ST?.value).toBe(1);
    await again.client.endAsync();
  });
});

test('a Node.js worker, whose module knows no “all”, is asked for every node', async () => {
  const nodeServer = await registerLocal(service);
  const worker = await connectWorker(service, nodeServer);
  await worker.addController();
  await worker.addNode({
    address: 'light1',
    name: 'Light',
    nodedefid: 'light',
    primary: 'controller',
    drivers: {},
    isController: false,
  });
  const from = worker.mark();
  await service.call('POST', `/api/node-servers/${nodeServer.id}/nodes/all/query`, { status: 202 });
  await worker.waitFor(({ query }) => query?.address === 'light1', undefined, from);
  const asked = worker.messages.slice(from).flatMap(({ message }) => message.query?.address ?? []);
  expect(asked).toEqual(['controller', 'light1']);
  await worker.stop();
});

test('the log file of a second stream adds only what is new, each line with its own time', async () => {
  const nodeServer = await registerLocal(service);
  const worker = await connectWorker(service, nodeServer);
  const { userId, worker: id } = worker.record;
  const record = (minute: number, message: string): string =>
    JSON.stringify({ levelname: 'INFO', message, timestamp: Date.UTC(2026, 0, 1, 0, minute) });
  const topic = `prod/frontend/${userId}/logs/${id}`;
  const file = (...lines: string[]) => worker.raw(`${topic}/file`, deflateSync(lines.join('\n')));
  // As the Python module does: a line about the file comes before the file.
  await worker.raw(topic, record(3, 'sending'));
  await file(record(1, 'one'), record(2, 'two'));
  await worker.raw(topic, record(4, 'live'));
  await worker.raw(topic, record(6, 'sending again'));
  await file(record(1, 'one'), record(2, 'two'), record(3, 'sending'), record(4, 'live'), record(5, 'three'));
  const third: LogLine = await logLine(service, nodeServer.id, /^three$/);
  expect(third.at).toBe('2026-01-01T00:05:00.000Z');
  const { text } = await service.call<{ text: string }>('GET', `/api/node-servers/${nodeServer.id}/log`);
  const lines = text.split('\n').flatMap((line) => / (sending.*|one|two|live|three)$/.exec(line)?.[1] ?? []);
  expect(lines).toEqual(['sending', 'one', 'two', 'live', 'sending again', 'three']);
  await worker.stop();
});

describe('values that are converted when they are read are answered too', () => {
  test('polls as text', async () => {
    const { id } = await registerLocal(service);
    const polls = await service.call('PUT', `/api/node-servers/${id}/polls`, {
      body: { shortPoll: '5', longPoll: 50 },
    });
    expect(polls).toEqual({ shortPoll: 5, longPoll: 50 });
  });

  test('a server.json with polls and versions', async () => {
    const serverJson = { ...PYTHON, shortPoll: '5', profile_version: 2, credits: [{ version: 1.5 }] };
    const answer = await service.call('POST', '/api/node-servers/validate', { body: { serverJson } });
    expect(answer).toEqual({
      valid: true,
      errors: [],
      serverJson: { ...PYTHON, shortPoll: 5, profile_version: '2', credits: [{ version: '1.5' }] },
    });
  });
});
