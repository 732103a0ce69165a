import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { type Thing, thingTopics } from '@polyrelay/contract';
import { testAuthority } from '@polyrelay/testkit';
import { pahoAlone, pythons } from '@polyrelay/thing-python/pythons';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePorts } from '../../../testing/ports.js';
import { startService, type TestService } from '../../../testing/service.js';

const exec = promisify(execFile);

const paho = pahoAlone();
const found = paho === undefined ? [] : pythons();
if (found.length === 0)
  process.stderr.write('skipped: no Python with paho-mqtt (Debian: apt install python3-paho-mqtt)\n');

let service: TestService;
let root: string;
beforeAll(async () => {
  service = await startService();
  root = await mkdtemp(join(tmpdir(), 'pr-thing-python-'));
});
afterAll(async () => {
  await service.close();
  await rm(root, { recursive: true, force: true });
});

/** Two hours ahead, as Python sees it. */
const WRONG_CLOCK = `
import sys, time
real = time.time
time.time = lambda: real() + 7200
sys.argv[0] = 'flashlexiot'
from flashlexiot.__main__ import main
sys.exit(main())
`;

// All of it with the system's; what depends on the version with each.
const cases = found.map((python, index) => ({ ...python, all: index === 0 }));

describe.each(cases)('the unpacked distribution with Python $version', ({ command, all }) => {
  let thing: Thing;
  let folder: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    const name = `python-${randomUUID().slice(0, 8)}`;
    thing = await service.call<Thing>('POST', '/api/things', { body: { name }, status: 201 });
    folder = join(root, name);
    const zip = await (await service.fetch(`/api/things/${thing.id}/dist`)).arrayBuffer();
    await writeFile(`${folder}.zip`, Buffer.from(zip));
    await exec('unzip', ['-q', `${folder}.zip`, '-d', folder]);
  });
  afterAll(async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'close');
    }
  });

  const start = (args: string[], input = '', python = ['-m', 'flashlexiot']): ChildProcess => {
    const child = spawn(command, [...python, ...args], {
      cwd: folder,
      // paho-mqtt and nothing else: no PyYAML, no requests.
      env: { PATH: process.env.PATH, PYTHONPATH: paho, PYTHONNOUSERSITE: '1', PYTHONDONTWRITEBYTECODE: '1' },
    });
    children.push(child);
    child.stdin?.end(input);
    return child;
  };
  const run = async (args: string[], input = '', python?: string[]) => {
    const child = start(args, input, python);
    const [out, err] = await Promise.all([
      text(child.stdout as NodeJS.ReadableStream & AsyncIterable<Buffer>),
      text(child.stderr as NodeJS.ReadableStream & AsyncIterable<Buffer>),
    ]);
    if (child.exitCode === null) await once(child, 'close');
    return { code: child.exitCode, out, err };
  };
  /** Resolves once a process has said that on stderr. */
  const said = (child: ChildProcess, words: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      let all = '';
      const timer = setTimeout(() => reject(new Error(`it did not say ${words}, but: ${all}`)), 20_000);
      child.stderr?.on('data', (data: Buffer) => {
        all += data.toString();
        if (!words.test(all)) return;
        clearTimeout(timer);
        resolve();
      });
    });
  const collected = async (): Promise<unknown[]> => {
    const { rows } = await service.app.database.pool.query<{ payload: unknown }>(
      `SELECT payload FROM messages WHERE thing_id = $1 AND type = 'egress' ORDER BY at, id`,
      [thing.id],
    );
    return rows.map(({ payload }) => payload);
  };
  const send = (id: string, payload: unknown): Promise<void> =>
    service.app.mqtt.publish(
      thingTopics(thing.name).envelopes,
      JSON.stringify({ id, at: '2026-01-02T03:04:05.678Z', payload }),
      { qos: 1 },
    );

  test('bootstrap sees everything work, and the thing is verified', async () => {
    const { code, out, err } = await run(['bootstrap']);
    expect(err).toBe('');
    expect(out.split('\n').map((line) => line.replace(thing.name, '<name>'))).toEqual([
      '✓ config.yml and keys of <name>',
      expect.stringMatching(/^✓ broker 127\.0\.0\.1:\d+ took the certificate of <name>$/),
      '✓ published on flashlex/test',
      '✓ heard itself on pubsub/<name>',
      expect.stringMatching(/^✓ collected message [0-9a-f-]{36}$/),
      '<name> is ready: python3 -m flashlexiot run',
      '',
    ]);
    expect(code).toBe(0);
    // Noted behind the answer to what it sent.
    await expect
      .poll(() => service.call<Thing>('GET', `/api/things/${thing.id}`))
      .toMatchObject({ status: 'verified' });
  });

  test.runIf(all)(
    'collect stores once, refuses what is no JSON, and keeps what cannot be sent, in order',
    async () => {
      const before = (await collected()).length;
      const id = randomUUID();
      for (let time = 0; time < 2; time++)
        expect(await run(['collect', '--id', id], '{"temperature": 21.5}')).toMatchObject({
          code: 0,
          out: `collected ${id}\n`,
        });
      expect(await run(['collect'], '{temperature: 21.5}')).toMatchObject({
        code: 65,
        err: expect.stringMatching(/^stdin is not JSON: .*an example/),
      });
      expect((await run(['collect', '--wait', 'x'])).code).toBe(64);

      const away = (await readFile(join(folder, 'config.yml'), 'utf8')).replace(
        service.url,
        `http://127.0.0.1:${await freePorts(1)}`,
      );
      await writeFile(join(folder, 'away.yml'), away);
      for (const sequence of [1, 2])
        expect(await run(['collect', '-c', 'away.yml', '--json', `{"sequence": ${sequence}}`])).toMatchObject(
          {
            code: 75,
            err: expect.stringMatching(/Kept on disk.*Nothing listens/),
          },
        );
      const lines = await run(['collect', '--lines'], '{"sequence": 3}\nno\n"text"\n');
      expect(lines).toMatchObject({ code: 65, out: '2 collected, 0 queued, 1 refused\n' });
      expect((await collected()).slice(before)).toEqual([
        { temperature: 21.5 },
        { sequence: 1 },
        { sequence: 2 },
        { sequence: 3 },
        'text',
      ]);
    },
  );

  test('run gives each message to its handler once, again when that failed, also after a restart', async () => {
    const handler = `
import json, os, sys
payload = json.load(sys.stdin)
with open('handled.txt', 'a') as file:
    file.write(f"{os.environ['THING_MESSAGE_ID']} {os.environ['THING_MESSAGE_AT']} {json.dumps(payload)}\\n")
sys.exit(os.path.exists('fail'))
`;
    await writeFile(join(folder, 'handler.py'), handler);
    await writeFile(join(folder, 'fail'), '');
    const [first, second] = [randomUUID(), randomUUID()];
    const running = start(['run', '--handler', 'handler.py']);
    await said(running, /Connected to/);
    const failed = said(
      running,
      new RegExp(`The handler failed with message ${first} \\(1 of 5\\): it ended with code 1`),
    );
    await send(first, { led: 'on' });
    await send(first, { led: 'on' });
    await failed;
    running.kill('SIGTERM');
    const [code] = await once(running, 'close');
    expect(code).toBe(0);
    await rm(join(folder, 'fail'));
    await rm(join(folder, 'handled.txt'));

    const again = start(['run', '--handler', 'handler.py']);
    await said(again, /Connected to/);
    const stored = said(again, new RegExp(`Message ${second} is stored`));
    await send(first, { led: 'on' });
    await send(second, 'text');
    await stored;
    const handled = () => readFile(join(folder, 'handled.txt'), 'utf8').catch(() => '');
    await expect.poll(async () => (await handled()).split('\n').length, { timeout: 10_000 }).toBe(3);
    expect(await handled()).toBe(
      `${first} 2026-01-02T03:04:05.678Z {"led": "on"}\n${second} 2026-01-02T03:04:05.678Z "text"\n`,
    );
    again.kill('SIGTERM');
    await once(again, 'close');
    expect(await run(['messages'])).toMatchObject({ code: 0, out: '' });
  });

  test.runIf(all)(
    'messages prints what run has stored; run comes back after the broker dropped it',
    async () => {
      const id = randomUUID();
      const running = start(['run']);
      await said(running, /Connected to/);
      const back = said(running, /was lost[\s\S]*Connected to/);
      service.app.mqtt.disconnect({ kind: 'thing', id: thing.id });
      await back;
      const stored = said(running, /is stored/);
      await send(id, [1, 2]);
      await stored;
      const { out } = await run(['messages', '--remove']);
      expect(JSON.parse(out)).toEqual({
        id,
        at: '2026-01-02T03:04:05.678Z',
        receivedAt: expect.any(String),
        payload: [1, 2],
      });
      expect((await run(['messages'])).out).toBe('');
      running.kill('SIGINT');
      await once(running, 'close');
    },
  );

  test.runIf(all)('a wrong clock is told, and made up for', async () => {
    const { code, out } = await run(['bootstrap'], '', ['-c', WRONG_CLOCK]);
    expect(out).toMatch(/✓ collected message/);
    expect(out).toMatch(/The clock of this machine is 7\d\d\d s ahead of the service’s: set it/);
    expect(code).toBe(0);
  });

  test.runIf(all)('another service’s CA, a missing key and a disabled thing are told apart', async () => {
    const { caCert } = await testAuthority();
    const ca = join(folder, 'root-ca-cert.pem');
    const own = await readFile(ca);
    await writeFile(ca, caCert);
    expect(await run(['bootstrap'])).toMatchObject({
      code: 1,
      out: expect.stringMatching(/✗ broker .*is not from the service that made root-ca-cert\.pem/),
    });
    await writeFile(ca, own);

    expect(await run(['bootstrap', '-k', root])).toMatchObject({
      code: 78,
      err: expect.stringMatching(/-keypair-private\.pem is not there.*rotate the keys/),
    });

    await service.call('PATCH', `/api/things/${thing.id}`, { body: { enabled: false } });
    const { code, out } = await run(['bootstrap']);
    expect(out).toMatch(/✗ broker/);
    expect(out).toMatch(/✗ collect at .*: 40[13]/);
    expect(code).toBe(1);
  });
});
