import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mutualTlsBroker } from '@polyrelay/testkit';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PermanentError } from '../handler.js';
import { batchContext, messagesOf, numbered, untilTaken } from '../testing/batches.js';
import { type Line, lineTo, MOSQUITTO, type Mosquitto, mosquitto } from '../testing/mosquitto.js';
import { MqttHandler } from './mqtt.js';

const make = (options: Record<string, unknown>) => new MqttHandler(MqttHandler.options.parse(options));
const range = (count: number) => Array.from({ length: count }, (_, n) => n);

describe.skipIf(MOSQUITTO === undefined)(
  `the mqtt handler and Mosquitto with mutual TLS${MOSQUITTO === undefined ? ' (skipped: on Debian, apt install mosquitto)' : ''}`,
  () => {
    let broker: Mosquitto;
    let line: Line;
    /** What AWS IoT asks for, by its names. */
    let aws: Record<string, unknown>;
    let subscriber: MqttClient;
    let heard: { topic: string; text: string; qos: number }[];
    let look: () => void;
    let handler: MqttHandler;

    const subscribe = async (): Promise<void> => {
      const { cert, key } = await broker.authority.issue('subscriber');
      subscriber = await connectAsync(`mqtts://localhost:${broker.port}`, {
        ca: broker.authority.caCert,
        cert,
        key,
        clientId: 'subscriber',
        clean: false,
        reconnectPeriod: 20,
      });
      subscriber.on('error', () => undefined);
      subscriber.on('message', (topic, payload, { qos }) => {
        heard.push({ topic, text: payload.toString(), qos });
        look();
      });
      await subscriber.subscribeAsync('#', { qos: 1 });
    };
    const until = (condition: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        look = () => condition() && resolve();
        look();
      });
    const numbers = () =>
      [...new Set(heard.map(({ text }) => JSON.parse(text).n as number))].toSorted((a, b) => a - b);

    beforeAll(async () => {
      const may = (user: string, topics: string) => `user ${user}\ntopic ${topics}\n`;
      broker = await mosquitto(
        may('receiver', 'write #') + may('subscriber', 'read #') + may('narrow', 'write things/#'),
      );
      await broker.start();
    });
    beforeEach(async () => {
      [heard, look] = [[], () => undefined];
      line = await lineTo(broker.port);
      const { certificatePath, privateKeyPath } = await broker.issue('receiver');
      aws = {
        endpoint: 'localhost',
        port: line.port,
        rootCaPath: broker.caPath,
        certificatePath,
        privateKeyPath,
      };
      await subscribe();
      handler = make(aws);
    });
    afterEach(async () => {
      await handler.stop();
      await subscriber.endAsync();
      await line.close();
    });
    afterAll(() => broker.remove());

    test('gets every message on the topic of its ident, as it is in the channel, QoS 1', async () => {
      await handler.start(batchContext());
      await handler.handle(numbered(1000), batchContext());
      await handler.handle(messagesOf({ ident: 'grün', n: 1000, x: 1.5 }), batchContext());
      await until(() => heard.length === 1001);
      expect(numbers()).toEqual(range(1001));
      expect(heard[8]).toEqual({ topic: 'thing-1', text: '{"ident":"thing-1","timestamp":8,"n":8}', qos: 1 });
      expect(heard.at(-1)).toEqual({
        topic: 'grün',
        text: '{"ident":"grün","timestamp":0,"n":1000,"x":1.5}',
        qos: 1,
      });
      expect(line.connections()).toBe(1);
    });

    test('gets every message when the connection is cut in the middle of batches', async () => {
      handler = make({ ...aws, topic: 'things/{ident}/up' });
      await handler.start(batchContext());
      let failed = 0;
      for (const from of [0, 400, 800]) {
        line.cutAfter(9000);
        failed += await untilTaken(handler, numbered(400, from));
      }
      expect(failed).toBe(3);
      expect(line.connections()).toBe(4);
      await until(() => numbers().length === 1200);
      expect(numbers()).toEqual(range(1200));
      expect(heard[1]?.topic).toBe('things/thing-1/up');
    });

    test('gets every message of a time when it was restarted', async () => {
      await handler.handle(numbered(10), batchContext());
      await broker.stop();
      await expect(handler.handle(numbered(10, 10), batchContext())).rejects.toThrow();
      const taken = (async () => {
        // Until the broker is back, it fails quickly.
        for (;;) {
          try {
            return await handler.handle(numbered(10, 10), batchContext());
          } catch {
            await new Promise((resolve) => setImmediate(resolve));
          }
        }
      })();
      await broker.start();
      await taken;
      await until(() => numbers().length === 20);
    });

    test('is told when it refuses a publish: the batch fails, and says where', async () => {
      await handler.stop();
      handler = make({ ...aws, ...(await broker.issue('narrow')), topic: 'secret/{ident}' });
      await expect(handler.handle(numbered(3), batchContext())).rejects.toThrow('secret/thing-0: ');
    });

    test('lets nobody in without a certificate, and is not trusted without its authority', async () => {
      const { certificatePath: _, privateKeyPath: __, ...bare } = aws;
      await expect(make(bare).start(batchContext())).rejects.toThrow(`localhost:${line.port}`);
      const { rootCaPath: ___, ...trusting } = aws;
      await expect(make(trusting).start(batchContext())).rejects.toThrow(/certificate/);
      await expect(make({ ...aws, rootCaPath: '/not/there.pem' }).start(batchContext())).rejects.toThrow(
        PermanentError,
      );
    });

    test('ends an attempt when it is told to, and goes on with the next', async () => {
      await handler.start(batchContext());
      const abort = new AbortController();
      const handling = handler.handle(numbered(2000), batchContext({ signal: abort.signal }));
      const ended = expect(handling).rejects.toThrow();
      await until(() => heard.length > 0);
      abort.abort(new Error('enough'));
      await ended;
      await handler.handle(numbered(2000), batchContext());
      await until(() => numbers().length === 2000);
    });
  },
);

describe('the mqtt handler and a broker of MQTT 3.1.1', () => {
  test('speaks its version, signs in, and stops when the password is wrong', async () => {
    const broker = await mutualTlsBroker();
    const { cert, key } = await broker.authority.issue('receiver');
    broker.aedes.authenticate = (_client, user, password, done) =>
      done(null, user === 'user' && password?.toString() === 'right');
    const got: string[] = [];
    const all = new Promise<void>((resolve) => {
      broker.aedes.subscribe(
        '#',
        (packet, done) => {
          if (!packet.topic.startsWith('$')) got.push(packet.topic);
          if (got.length === 20) resolve();
          done();
        },
        () => undefined,
      );
    });
    const folder = await mkdtemp(join(tmpdir(), 'pr-mqtt-'));
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    };
    const caPath = await file('ca.pem', broker.authority.caCert);
    const certificatePath = await file('receiver.crt', cert);
    const privateKeyPath = await file('receiver.key', key);
    const options = {
      url: `mqtts://localhost:${broker.port}`,
      caPath,
      certificatePath,
      privateKeyPath,
      username: 'user',
    };
    const wrong = make({ ...options, password: 'wrong' });
    await expect(wrong.start(batchContext())).rejects.toThrow(PermanentError);
    const inUrl = make({ ...options, url: options.url.replace('//', '//user:secret@'), username: undefined });
    await expect(inUrl.start(batchContext())).rejects.toThrow(/^mqtts:\/\/localhost:\d+: /);
    const handler = make({ ...options, password: 'right' });
    await handler.handle(numbered(20), batchContext());
    await all;
    await handler.stop();
    await broker.close();
    await rm(folder, { recursive: true });
  });
});

describe('options of the mqtt handler', () => {
  const at = { url: 'mqtts://broker' };
  test.each([
    [{}, 'either “url” or “endpoint”'],
    [{ ...at, endpoint: 'b' }, 'either “url” or “endpoint”'],
    [{ url: 'http://broker' }, 'mqtts://broker.example.org'],
    [{ endpoint: 'https://b' }, 'name of the broker alone'],
    [{ ...at, certificatePath: 'a' }, 'belong together'],
    [{ ...at, caPath: 'a', rootCaPath: 'b' }, 'not both'],
    [{ ...at, topic: 'a/#' }, 'no “+” and no “#”'],
    [{ ...at, topic: 'a/{name}' }, 'only {ident}'],
    [{ ...at, unknown: 1 }, 'unknown'],
  ])('%j is refused', (options, words) => {
    expect(() => make(options)).toThrow(words);
  });

  test.each(['', 'a/b', 'a+', '#', 'a\0', '$SYS', 'x'.repeat(70_000)])(
    'the ident %j makes no topic: nothing of the batch is published',
    async (ident) => {
      const handling = make(at).handle(messagesOf({}, { ident }), batchContext());
      await expect(handling).rejects.toThrow(PermanentError);
      await expect(handling).rejects.toThrow('makes no topic');
    },
  );
});
