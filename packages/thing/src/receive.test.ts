import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { useThing } from './testing/setup.js';

const parts = useThing();

/** Publishes as the service does. Resolves when the broker has handed it on. */
const publish = (topic: string, value: unknown) =>
  new Promise<void>((resolve, reject) => {
    const payload = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    const packet = { cmd: 'publish' as const, topic, payload, qos: 1 as const, retain: false, dup: false };
    parts.service.broker.aedes.publish(packet, (error) => (error ? reject(error) : resolve()));
  });

const send = (payload: unknown, id: string = randomUUID()) =>
  publish(`ingress/${parts.service.name}/envelopes`, { id, at: '2026-01-02T03:04:05.678Z', payload });

const until = async (what: () => boolean | Promise<boolean>) => {
  for (
    const end = Date.now() + 15_000;
    !(await what());
    await new Promise((resolve) => setTimeout(resolve, 20))
  )
    if (Date.now() > end) throw new Error('it did not happen');
};

const read = (name: string) => readFile(parts.place.path(name), 'utf8').catch(() => '');
const stored = async () =>
  (await parts.place.run(['messages'])).out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { id: string; payload: unknown });

const storedFiles = async () =>
  (await readdir(parts.place.path('data/messages')).catch(() => [])).filter((name) => name.endsWith('.json'))
    .length;

const started = async (...args: string[]) => {
  const running = parts.place.start(['run', ...args]);
  await running.said(/Connected to 127\.0\.0\.1:\d+ as ecd13b11/);
  return running;
};

test('stores messages, a duplicate once, and stops gracefully', async () => {
  const running = await started();
  const id = randomUUID();
  await send({ led: 'on' }, id);
  await send({ led: 'on' }, id);
  await send('text');
  await until(async () => (await storedFiles()) === 2);
  expect(await stored()).toMatchObject([
    { id, at: '2026-01-02T03:04:05.678Z', payload: { led: 'on' } },
    { payload: 'text' },
  ]);
  expect(JSON.parse((await parts.place.run(['status', '--json'])).out)).toMatchObject({
    running: running.child.pid,
    received: 2,
  });
  expect(await running.kill('SIGTERM')).toMatchObject({ code: 0, err: expect.stringContaining('Stopped.') });
  // Known also after it was removed.
  await parts.place.run(['messages', '--remove']);
  const again = await started();
  await send({ led: 'on' }, id);
  await send('later');
  await until(async () => (await storedFiles()) === 1);
  expect(await stored()).toMatchObject([{ payload: 'later' }]);
  await again.kill('SIGTERM');
});

test('PUBACK comes after the message is on disk: where it cannot be stored, none comes', async () => {
  // How many files there are at each PUBACK.
  const acknowledged: number[] = [];
  parts.service.broker.aedes.on('ack', () =>
    acknowledged.push(
      readdirSync(parts.place.path('data/messages')).filter((name) => name.endsWith('.json')).length,
    ),
  );
  const running = await started();
  await send('kept');
  await until(() => acknowledged.length > 0);
  expect(acknowledged).toEqual([1]);
  // The folder becomes a file: nothing can be stored.
  await rm(parts.place.path('data/messages'), { recursive: true });
  await writeFile(parts.place.path('data/messages'), '');
  await send('lost?');
  await running.said('A message could not be stored');
  expect(acknowledged).toHaveLength(1);
  await running.kill('SIGTERM');
});

test('a handler has each message in order, with its environment; a failing one is tried again, then set aside', async () => {
  const { place, service } = parts;
  const handler = place.path('handler.mjs');
  await writeFile(
    handler,
    `import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
     let text = '';
     for await (const chunk of process.stdin) text += chunk;
     const { n } = JSON.parse(text);
     const { THING_NAME, THING_MESSAGE_ID } = process.env;
     appendFileSync(${JSON.stringify(place.path('handled'))}, n + ' ' + THING_NAME + ' ' + THING_MESSAGE_ID + '\\n');
     if (n === 1) process.exit(3);
     if (n === 2 && !existsSync(${JSON.stringify(place.path('second'))})) { writeFileSync(${JSON.stringify(place.path('second'))}, ''); await new Promise(() => setInterval(() => {}, 1000)); }`,
  );
  const running = await started('--handler', handler, '--tries', '2', '--timeout', '0.8');
  const ids = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  for (const [n, id] of ids.entries()) await send({ n }, id);
  await until(async () => (await read('handled')).includes(`3 ${service.name}`));
  await until(async () => (await storedFiles()) === 0);
  expect((await read('handled')).trim().split('\n')).toEqual(
    [0, 1, 1, 2, 2, 3].map((n) => `${n} ${service.name} ${ids[n]}`),
  );
  expect(running.err).toContain('it ended with code 3');
  expect(running.err).toContain('it took longer than 0.8 s');
  expect(await read('data/failed.ndjson')).toMatch(/"payload":\{"n":1\}.*"reason":"it ended with code 3"/);
  await running.kill('SIGTERM');
});

test('kill -9 while a handler runs: the message is handled by the next start', async () => {
  const { place } = parts;
  const handler = place.path('handler.sh');
  await writeFile(
    handler,
    `#!/bin/sh\ncat >> ${place.path('handled')}\n[ -e ${place.path('go')} ] || exec sleep 3 >&- 2>&-\n`,
  );
  await chmod(handler, 0o755);
  const first = await started('--handler', handler);
  await send('once');
  await until(async () => (await read('handled')) === '"once"');
  await first.kill('SIGKILL');
  await writeFile(place.path('go'), '');
  const second = await started('--handler', handler);
  await until(async () => (await read('handled')) === '"once""once"');
  await until(async () => (await storedFiles()) === 0);
  await second.kill('SIGTERM');
});

test('comes back after the broker was away, and sends what was queued then', async () => {
  const { place, service } = parts;
  const running = await started();
  await service.goOffline();
  await service.broker.pause();
  await running.said('Not connected');
  expect((await place.run(['collect', '--json', '"queued"'])).code).toBe(75);
  await service.goOnline();
  await service.broker.resume();
  await until(() => service.stored.size === 1);
  await until(() => running.err.split('Connected to').length === 3);
  await send('again');
  await until(async () => (await storedFiles()) === 1);
  await running.kill('SIGTERM');
});

test('another server of this protocol: --plain takes the bare topic and makes the ids', async () => {
  const running = await started('--plain');
  await publish(`ingress/${parts.service.name}`, { message: { message: 'hello' } });
  await publish(`ingress/${parts.service.name}`, 'no JSON');
  await until(async () => (await storedFiles()) === 2);
  expect(await stored()).toMatchObject([
    { payload: { message: { message: 'hello' } } },
    { payload: 'no JSON' },
  ]);
  await running.kill('SIGTERM');
});

test('one connection a thing: a second “run” says who has it', async () => {
  const running = await started();
  const { code, err } = await parts.place.run(['run']);
  expect(code).toBe(1);
  expect(err).toContain(`Another process (${running.child.pid}) is connected as ${parts.service.name}`);
  await running.kill('SIGTERM');
});

test('the library: import has no effect; collect, sent, messages, the published names', async () => {
  const { place, service } = parts;
  const script = place.path('app.mjs');
  await writeFile(
    script,
    `import { Thing, ThingError } from './thing.mjs';
     const thing = await Thing.open();
     const id = await thing.collect({ a: 1 });
     await thing.sent(id);
     console.log('sent', id, await thing.collectMessage({ b: 2 }));
     console.log(await thing.collect(() => {}).catch((error) => error instanceof ThingError && error.code));
     thing.on('connected', () => console.log('connected'));
     await thing.setMessageToStore({ id: '${randomUUID()}', payload: 'own' });
     for await (const message of thing.messages()) {
       console.log('got', JSON.stringify(message.payload));
       if (message.payload === 'last') break;
       await thing.removeMessageFromStore(message);
     }
     console.log((await thing.getSubscribedMessages({ count: 1, reverse: true })).map(({ payload }) => payload));
     await thing.close();`,
  );
  const running = parts.place.start([], { node: [script] });
  await running.said('connected');
  await send('last');
  const { code, out } = await running.ended();
  expect(code).toBe(0);
  const [id] = service.stored.keys();
  // Connecting takes its own time.
  expect(out.replace('connected\n', '')).toBe(`sent ${id} 200\nPAYLOAD\ngot "own"\ngot "last"\n[ 'last' ]\n`);
  expect([...service.stored.values()]).toEqual([{ a: 1 }, { b: 2 }]);
  const { Thing } = (await import(
    pathToFileURL(place.path('thing.mjs')).href
  )) as typeof import('./index.js');
  // The test is no main program: importing printed no help and ended nothing.
  expect(Thing.open).toBeTypeOf('function');
});

test('stored messages expire', async () => {
  await parts.place.writeConfig(parts.service, (text) =>
    text.replace('expireSeconds: 60', 'expireSeconds: 1'),
  );
  const running = await started();
  await send('short');
  await until(async () => (await storedFiles()) === 1);
  await until(async () => (await storedFiles()) === 0);
  await running.kill('SIGTERM');
});
