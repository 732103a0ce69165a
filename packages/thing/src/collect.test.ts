import { readdir, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { useThing } from './testing/setup.js';

const parts = useThing();

const payloads = () => [...parts.service.stored.values()];
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `{"n":${from + index}}\n`).join('');
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({ n: from + index }));
const queueFiles = async () =>
  (await readdir(parts.place.path('data/queue'))).filter((name) => name.endsWith('.ndjson'));

test('collects JSON from stdin, an option, or a line each; the token verifies', async () => {
  const { place, service } = parts;
  const one = await place.run(['collect'], { input: '{"temperature": 21.5}' });
  expect(one).toMatchObject({ code: 0, err: '' });
  expect(one.out).toMatch(/^collected [0-9a-f-]{36}\n$/);
  const id = '01890a5d-ac96-774b-bcce-b302099a8057';
  expect(await place.run(['collect', '--json', '"on"', '--id', id])).toMatchObject({
    out: `collected ${id}\n`,
  });
  expect((await place.run(['collect', '--lines'], { input: `${lines(0, 3)}\n` })).out).toBe(
    '3 collected, 0 queued, 0 refused\n',
  );
  expect(payloads()).toEqual([{ temperature: 21.5 }, 'on', ...numbers(0, 3)]);
  expect(service.stored.get(id)).toBe('on');
  expect(await queueFiles()).toEqual([]);
});

test('offline it is kept; the next run sends all in order, once', async () => {
  const { place, service } = parts;
  await service.goOffline();
  for (const n of [0, 1]) {
    const { code, out, err } = await place.run(['collect', '--json', `{"n":${n}}`]);
    expect(code).toBe(75);
    expect(out).toMatch(/^queued /);
    expect(err).toContain(`Nothing listens at 127.0.0.1:${service.port}`);
  }
  expect((await place.run(['collect', '--lines'], { input: lines(2, 5) })).code).toBe(75);
  expect(JSON.parse((await place.run(['status', '--json'])).out)).toMatchObject({ queued: 5, running: null });
  await service.goOnline();
  expect((await place.run(['collect', '--json', '{"n":5}'])).code).toBe(0);
  expect(payloads()).toEqual(numbers(0, 6));
  expect(service.requests).toHaveLength(6);
});

test('while messages are taken it goes on, however long; what is not taken in time waits, and is not refused', async () => {
  const { place, service } = parts;
  // More than are remembered once they are sent, and longer in all than one may take.
  const many = await place.run(['collect', '--lines', '--wait', '1'], { input: lines(0, 1500) });
  expect(many).toEqual({ code: 0, out: '1500 collected, 0 queued, 0 refused\n', err: '' });
  service.delayMs = 1000;
  const late = await place.run(['collect', '--lines', '--wait', '0.3'], { input: lines(1500, 1503) });
  expect(late).toMatchObject({ code: 75, out: '0 collected, 3 queued, 0 refused\n' });
  expect(late.err).toMatch(/^Kept on disk and sent later.* takes longer\n$/);
  service.delayMs = 0;
  expect((await place.run(['collect', '--json', '{"n":1503}'])).code).toBe(0);
  expect(payloads()).toEqual(numbers(0, 1504));
}, 120_000);

test('kill -9 while it sends: nothing is lost, nothing twice, the order holds', async () => {
  const { place, service } = parts;
  service.delayMs = 20;
  const first = place.start(['collect', '--lines', '--wait', '60'], { input: lines(0, 60) });
  while (service.stored.size < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  await first.kill('SIGKILL');
  expect(service.stored.size).toBeLessThan(60);
  service.delayMs = 0;
  expect((await place.run(['collect', '--json', '{"n":60}'])).code).toBe(0);
  expect(payloads()).toEqual(numbers(0, 61));
  // Only the one whose answer it did not have any more was sent again, under its id.
  expect(service.requests.length - service.stored.size).toBeLessThanOrEqual(1);
  expect(await queueFiles()).toEqual([]);
});

test('several processes share one queue: each message is sent by one of them', async () => {
  const { place, service } = parts;
  const ran = await Promise.all(
    [0, 100, 200].map((from) =>
      place.run(['collect', '--lines', '--wait', '60'], { input: lines(from, from + 40) }),
    ),
  );
  expect(ran.map(({ code, out }) => [code, out])).toEqual(
    Array.from({ length: 3 }, () => [0, '40 collected, 0 queued, 0 refused\n']),
  );
  expect(new Set(service.requests).size).toBe(service.requests.length);
  const sent = payloads() as { n: number }[];
  for (const from of [0, 100, 200])
    expect(sent.filter(({ n }) => n >= from && n < from + 100)).toEqual(numbers(from, from + 40));
});

test.each([-3_600_000, 7_200_000])(
  'a clock that is %i ms off is corrected by the service’s',
  async (clockMs) => {
    const { place, service } = parts;
    service.clockMs = clockMs;
    expect((await place.run(['collect', '--lines'], { input: lines(0, 3) })).code).toBe(0);
    expect(payloads()).toEqual(numbers(0, 3));
  },
);

test('what can never be collected is set aside with the reason, and the queue goes on', async () => {
  const { place, service } = parts;
  service.fault = (_id, payload) =>
    (payload as { n: number }).n === 1
      ? { status: 400, body: { messages: [{ key: 'message', value: 'Bad one.' }] } }
      : undefined;
  const { code, out, err } = await place.run(['collect', '--lines'], { input: lines(0, 3) });
  expect([code, out]).toEqual([65, '2 collected, 0 queued, 1 refused\n']);
  expect(err).toMatch(/^refused [0-9a-f-]{36}: Bad one\.\n$/);
  expect(payloads()).toEqual([{ n: 0 }, { n: 2 }]);
  expect(await readFile(place.path('data/refused.ndjson'), 'utf8')).toMatch(
    /"reason":"Bad one\.","payload":\{"n":1\}/,
  );
});

test.each([
  [503, /Kept on disk.*: no\n/],
  [429, /Kept on disk/],
  [403, /Kept on disk/],
  [302, /Kept on disk.*sends to https:\/\/elsewhere.*flashlex\.app\.api\.endpoint/],
  [200, /Kept on disk.*is a sign-in page in front of it/],
])('an answer %i that is no refusal of the message keeps it', async (status, message) => {
  const { place, service } = parts;
  service.fault = () => ({
    status,
    body: status === 200 ? '<html>' : undefined,
    headers: { location: 'https://elsewhere' },
  });
  const { code, err } = await place.run(['collect', '--json', '1']);
  expect(code).toBe(75);
  expect(err).toMatch(message);
  service.fault = undefined;
  expect((await place.run(['collect', '--json', '2'])).code).toBe(0);
  expect(payloads()).toEqual([1, 2]);
});

test('a garbled file in the queue is set aside, the rest is sent', async () => {
  const { place, service } = parts;
  await service.goOffline();
  await place.run(['collect', '--lines'], { input: lines(0, 2) });
  const [name = ''] = await queueFiles();
  const path = place.path(`data/queue/${name}`);
  await writeFile(path, `\0\0\0garbage\n${await readFile(path, 'utf8')}{"id":"torn`);
  await service.goOnline();
  expect((await place.run(['collect', '--json', '{"n":2}'])).code).toBe(0);
  expect(payloads()).toEqual(numbers(0, 3));
  const refused = await readFile(place.path('data/refused.ndjson'), 'utf8');
  expect(refused).toContain('garbage');
  expect(refused).toContain('torn');
});

test.each([
  [['collect', '--json', '{"a":'], 65, /--json is not JSON.*an example: '\{"temperature": 21\.5\}'/],
  [['collect', '--json', '1', '--id', 'x'], 65, /“x” is not a UUID/],
  [['collect', '--json', '['.repeat(65) + ']'.repeat(65)], 65, /nested more than 64 deep/],
  [['collect', '--jsn', '1'], 64, /Unknown option '--jsn'.*--help/],
  [['colect'], 64, /“colect” is not a command/],
])('%j is refused at once', async (args, code, message) => {
  const ran = await parts.place.run(args);
  expect(ran.code).toBe(code);
  expect(ran.err).toMatch(message);
  expect(parts.service.requests).toEqual([]);
});

test('a message over 256 KiB is refused before it is kept', async () => {
  const ran = await parts.place.run(['collect'], { input: `"${'x'.repeat(262_143)}"` });
  expect(ran).toMatchObject({ code: 65, err: 'The message has 262145 bytes of JSON; 262144 are possible\n' });
});

test.each<[string, (text: string) => string, RegExp]>([
  [
    'no name',
    (text) => text.replace(/ {4}name:.*\n/, ''),
    /config\.yml: flashlex\.thing\.name is missing\. Write there: the thing’s name/,
  ],
  [
    'an address without scheme',
    (text) => text.replace(/"https:\/\/[^"]*"/, 'relay'),
    /flashlex\.app\.api\.endpoint is “relay”, not an address\. Write there: .*https:\/\//,
  ],
  [
    'a port that is none',
    (text) => text.replace(/port: \d+/, 'port: 99999'),
    /flashlex\.thing\.mqtt\.port is “99999”/,
  ],
  ['no YAML', () => '{', /config\.yml is not YAML/],
  [
    'a key that is not there',
    (text) => text.replace('thing-private.pem', 'gone.pem'),
    /Cannot read .*gone\.pem\. It is not there/,
  ],
])('config.yml with %s', async (_name, change, message) => {
  const { place, service } = parts;
  await place.writeConfig(service, change);
  const ran = await place.run(['collect', '--json', '1']);
  expect(ran.code).toBe(78);
  expect(ran.err).toMatch(message);
});
