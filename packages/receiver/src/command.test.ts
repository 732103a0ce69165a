import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { useReceiver } from './testing/setup.js';

const parts = useReceiver();
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const numbersIn = (text: string): number[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { n: number }).n);
const savedKey = async (): Promise<number> =>
  JSON.parse(await readFile(parts.path('receiver-1.json'), 'utf8')).currKey;

test('hands every batch to all handlers, in order, and goes on where it was', async () => {
  const { channel, sink, path } = parts;
  channel.add(25);
  // Digits that JavaScript's numbers do not have.
  channel.messages[7] = '{"ident":"a","timestamp":1.50,"n":7,"long":12345678901234567890}';
  const args = ['--channel', '1', '--limit-count', '10', '--handler', 'stdout'];
  const both = [...args, '--handler', 'http', '--url', sink.url, '--headers', 'X-Secret: word'];
  const first = parts.start(both);
  await sink.until(() => sink.numbers.length === 25);
  channel.add(1);
  await sink.until(() => sink.numbers.length === 26);
  const { code, out, err } = await first.kill('SIGTERM');
  expect(err).toContain('stopped: curr_key=26');
  expect(code).toBe(0);
  expect(numbersIn(out)).toEqual(upTo(26));
  expect(out.split('\n')[7]).toBe(channel.messages[7]);
  expect(sink.numbers).toEqual(upTo(26));
  expect(sink.posted[0]?.text).toContain(`,${channel.messages[7]},`);
  expect(sink.posted[0]?.headers).toMatchObject({ 'x-secret': 'word', 'content-type': 'application/json' });
  expect(sink.posted.map(({ messages }) => messages.length)).toEqual([10, 10, 5, 1]);
  expect(await savedKey()).toBe(26);
  expect((await stat(path('receiver-1.json'))).mode & 0o077).toBe(0);
  expect(existsSync(path('receiver-1.json.lock'))).toBe(false);

  channel.add(2);
  const second = parts.start(both);
  await sink.until(() => sink.numbers.length === 28);
  await second.kill('SIGINT');
  expect(numbersIn(second.out)).toEqual([26, 27]);
  expect(channel.asked.find(({ curr_key }) => curr_key === 26)).toEqual({
    curr_key: 26,
    timeout: 30,
    delete: false,
    limit_count: 10,
    limit_size: 8388608,
  });
});

test('killed in the middle: what is in flight comes again, nothing else', async () => {
  const { channel, sink } = parts;
  channel.add(40);
  const args = ['--channel', '1', '--limit-count', '10', '--delete'];
  const both = [...args, '--handler', 'file', '--path', 'all.ndjson', '--handler', 'http', '--url', sink.url];
  // The third batch is not answered.
  sink.faults.push(
    (response) => void response.end(),
    (response) => void response.end(),
    () => {},
  );
  const first = parts.start(both);
  await sink.until(() => sink.posted.length === 3);
  await first.kill('SIGKILL');
  expect(await savedKey()).toBe(20);
  // What it deleted was handled by all.
  expect(channel.deletedBelow).toBe(20);
  const second = parts.start(both);
  await sink.until(() => sink.numbers.length === 50);
  await second.kill('SIGTERM');
  expect(sink.numbers).toEqual([...upTo(30), ...upTo(40).slice(20)]);
  const kept = numbersIn(await readFile(parts.path('all.ndjson'), 'utf8'));
  expect([...new Set(kept)]).toEqual(upTo(40));
  expect(kept.length).toBeLessThanOrEqual(50);
  expect(await savedKey()).toBe(40);
});

test('a handler that fails is tried alone; what it says is told once', async () => {
  const { channel, sink } = parts;
  channel.add(3);
  for (let time = 0; time < 4; time += 1)
    sink.faults.push((response) => void response.writeHead(503).end('full'));
  const args = ['--channel', '1', '--retry-delay', '0.01', '--handler', 'stdout'];
  const running = parts.start([...args, '--handler', 'http', '--url', `${sink.url}?token=secret`]);
  await running.said('works again, at attempt 5');
  const { out, err } = await running.kill('SIGTERM');
  expect(numbersIn(out)).toEqual([0, 1, 2]);
  expect(sink.posted).toHaveLength(5);
  expect(err.match(/answers 503: full/g)).toHaveLength(1);
  expect(err).not.toContain('secret');
});

test('when attempts are limited it stops, and says where to begin again', async () => {
  const { channel, sink } = parts;
  channel.add(30);
  const args = ['--channel', '1', '--limit-count', '10', '--retries', '2', '--retry-delay', '0.01'];
  sink.faults.push((response) => void response.end());
  for (let time = 0; time < 3; time += 1) sink.faults.push((response) => void response.writeHead(500).end());
  const { code, err } = await parts.run([...args, '--handler', 'http', '--url', sink.url]);
  expect(code).toBe(1);
  expect(err).toContain('http failed 3 times');
  expect(err).toContain('curr_key=10');
  expect(await savedKey()).toBe(10);
});

const HANDLER = `
import { existsSync, writeFileSync } from 'node:fs';
import { Handler, z } from './receiver.mjs';
export default class Mine extends Handler {
  static options = z.strictObject({});
  async handle(messages, { signal }) {
    FAULT
    for (const { n } of messages) console.log(JSON.stringify({ n }));
  }
}`;

test.each([
  ['hangs and does not heed the signal', 'await new Promise(() => {});', 'it took longer than 0.1 s', 15_000],
  ['throws', 'throw new Error("no luck");', 'no luck', 5_000],
  ['throws nothing', 'throw undefined;', 'undefined', 5_000],
  [
    'throws later, aside',
    'setTimeout(() => { throw new Error("aside") }); await new Promise(() => {});',
    'aside',
    5_000,
  ],
  ['dies', 'process.kill(process.pid, "SIGKILL"); await new Promise(() => {});', '', 5_000],
])('a handler that %s: the batch comes again', async (_what, fault, told) => {
  const { channel, path } = parts;
  channel.add(5);
  const once = `if (!existsSync('failed')) { writeFileSync('failed', ''); ${fault} }`;
  await writeFile(path('mine.mjs'), HANDLER.replace('FAULT', once));
  const args = [
    '--channel',
    '1',
    '--retry-delay',
    '0.01',
    '--handle-timeout',
    '0.1',
    '--handler',
    './mine.mjs',
  ];
  let running = parts.start(args);
  if (told === '' || told === 'aside') {
    const { code, err } = await running.ended();
    expect(code).not.toBe(0);
    expect(err).toContain(told);
    if (told !== '') expect(err).toContain('stopped: curr_key=0');
    running = parts.start(args);
  } else await running.said(told);
  await running.said('{"n":4}');
  const { out } = await running.kill('SIGTERM');
  expect(numbersIn(out)).toEqual(upTo(5));
  expect(await savedKey()).toBe(5);
});

test('an https address of a service without TLS is told as that', async () => {
  const url = parts.channel.url.replace('http:', 'https:');
  const running = parts.start([
    '--url',
    url,
    '--channel',
    '1',
    '--retry-delay',
    '0.01',
    '--handler',
    'stdout',
  ]);
  await running.said('it does not speak TLS');
  await running.kill('SIGTERM');
});

test('the service is away, busy, or restarts: it waits, says so once, and goes on', async () => {
  const { channel } = parts;
  channel.add(2);
  const { port } = channel;
  for (const status of [503, 503, 429])
    channel.faults.push((response) => void response.writeHead(status).end('{"errors":[{"reason":"busy"}]}'));
  channel.faults.push((response) => void response.destroy());
  const running = parts.start(['--channel', '1', '--retry-delay', '0.01', '--handler', 'stdout']);
  await running.said('"n":1}');
  await channel.close();
  await running.said('nothing listens there');
  channel.add(2);
  await channel.open(port);
  await running.said('"n":3}');
  const { out, err } = await running.kill('SIGTERM');
  expect(numbersIn(out)).toEqual(upTo(4));
  expect(err.match(/it answers 503 busy/g)).toHaveLength(1);
  expect(err.match(/it answers 429 busy/g)).toHaveLength(1);
  expect(err).toContain('answers again');
});

test('a second receiver on the same state file is refused', async () => {
  const args = ['--channel', '1', '--handler', 'stdout'];
  const first = parts.start(args);
  await first.said('from key 0');
  const { code, err } = await parts.run(args);
  expect([code, err]).toEqual([78, expect.stringMatching(/is in use by process \d+/)]);
  await first.kill('SIGTERM');
});

test('a channel that ends before the cursor is told', async () => {
  const { channel, path } = parts;
  channel.add(3);
  const state = { server: channel.url, channel: 1, currKey: 10, savedAt: '2026-01-31T12:00:00.000Z' };
  await writeFile(path('receiver-1.json'), JSON.stringify(state));
  const args = ['--channel', '1', '--timeout', '0', '--handler', 'stdout'];
  const { code, err } = await parts.run(args);
  expect([code, err]).toEqual([
    78,
    expect.stringContaining('ends at key 3, before the key to read from, 10'),
  ]);
  const running = parts.start(['--rewind', '1', ...args]);
  await running.said('"n":2}');
  expect(numbersIn((await running.kill('SIGTERM')).out)).toEqual([1, 2]);
});

test.each([
  [['--channel', '2', '--handler', 'stdout'], 69, 'has no channel 2'],
  [['--channel', '1', '--key', 'other', '--handler', 'stdout'], 69, 'does not know the key'],
  [['--channel', '1'], 64, 'there is no handler'],
  [['--handler', 'stdout'], 64, '--channel: give the number of a channel'],
  [['--channel', 'x', '--handler', 'stdout'], 64, '--channel is “x”, which is not a number'],
  [['--channel', '1', '--handler', 'stdout', '--channel', '2'], 64, 'before the first --handler'],
  [['--channel', '1', '--handler', 'http'], 64, 'http: url'],
  [
    ['--channel', '1', '--handler', 'http', '--url', 'http://127.0.0.1', '--headers', 'a: …'],
    64,
    'http: headers: has a name or a value',
  ],
  [['--channel', '1', '--handler', 'nowhere'], 64, 'There is no handler “nowhere”. Use one of stdout, http'],
  [['--channel', '1', '--timeout', '31', '--handler', 'stdout'], 64, '--timeout: '],
  [['--channel', '1', '--key-file', 'none', '--handler', 'stdout'], 64, 'key file none cannot be read'],
  [['--channel', '1', '--hander', 'stdout'], 64, '--hander is not an option of the receiver'],
])('%j ends with %i and says why', async (args, code, said) => {
  expect(await parts.run(args)).toMatchObject({ code, err: expect.stringContaining(said) });
});

test('a config file: several handlers of one kind, each with its options; the key is in a file', async () => {
  const { channel, sink, path } = parts;
  channel.add(3);
  await writeFile(path('the-key'), 'a-key\n');
  await writeFile(
    path('receiver.yaml'),
    `url: ${channel.url}
channel: 1
keyFile: the-key
metricsPort: 0
handlers:
  - handler: file
    path: one.ndjson
  - { handler: file, path: two/two.ndjson, name: second }
  - handler: http
    url: ${sink.url}
    headers: { authorization: Bearer secret }
`,
  );
  const running = parts.start(['--config', 'receiver.yaml'], { RECEIVER_KEY: '', RECEIVER_URL: '' });
  await sink.until(() => sink.posted.length === 1);
  await running.said(/metrics at (\S+)/);
  const address = /metrics at (\S+)/.exec(running.err)?.[1] ?? '';
  await channel.close();
  await running.said('Trying again');
  const metrics = await (await fetch(address)).text();
  expect(metrics).toContain('receiver_messages_total{channel="1"} 3');
  expect(metrics).toContain('receiver_lag_messages{channel="1"} 0');
  expect(metrics).toContain('receiver_curr_key{channel="1"} 3');
  for (const handler of ['file', 'second', 'http'])
    expect(metrics).toMatch(
      new RegExp(`receiver_handler_seconds_count\\{.*handler="${handler}",outcome="success"`),
    );
  expect(metrics).toMatch(/receiver_read_failures_total\{channel="1"\} [1-9]/);
  const { err } = await running.kill('SIGTERM');
  expect(err).not.toMatch(/a-key|secret/);
  await channel.open(0);
  for (const file of ['one.ndjson', 'two/two.ndjson'])
    expect(numbersIn(await readFile(path(file), 'utf8'))).toEqual([0, 1, 2]);
});

test('a config file with an option that is not known says which, and where', async () => {
  await writeFile(parts.path('typo.yaml'), 'channel: 1\nchanel: 2\n');
  const { code, err } = await parts.run(['--config', 'typo.yaml']);
  expect(code).toBe(64);
  expect(err).toContain('typo.yaml: there is no option “chanel”');
});

test('a reader that goes away: it stops, and the batch comes again', async () => {
  const { channel } = parts;
  channel.add(1);
  const running = parts.start(['--channel', '1', '--handler', 'stdout']);
  running.child.stdout?.destroy();
  const { code, err } = await running.ended();
  expect([code, err]).toEqual([1, expect.stringContaining('stdout is closed')]);
  expect(await savedKey()).toBe(0);
});
