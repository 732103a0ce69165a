import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { useReceiver } from './testing/setup.js';

const parts = useReceiver();
const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

/** The README's example in a language that has these words, at this test's addresses. */
function example(language: string, words: string): string {
  const blocks = [...readme.matchAll(/```(\w+)\n(.*?)```/gs)];
  const text = blocks.find(([, of, body]) => of === language && body?.includes(words))?.[2] ?? '';
  return text
    .replaceAll('http://localhost:8080', parts.channel.url)
    .replaceAll('http://localhost:9000/take', parts.sink.url)
    .replaceAll('http://localhost:9001/take', parts.sink.url)
    .replaceAll('node receiver.mjs', `"${process.execPath}" receiver.mjs`)
    .replaceAll('=…', '=a-key');
}

test('the commands run', async () => {
  parts.channel.add(2);
  const [settings, commands = ''] = example('sh', '--handler stdout').split('\n\n');
  for (const command of commands.trim().split('\n')) {
    const running = parts.shell(`${settings}\nexec ${command}`);
    await running.said('from key');
    const { code, err } = await running.kill('SIGTERM');
    expect([code, err]).toEqual([0, expect.stringContaining('stopped: curr_key=')]);
  }
});

test('the config file is taken', async () => {
  const { channel, sink, path } = parts;
  channel.add(2);
  await writeFile(path('the-key'), 'a-key');
  await writeFile(path('receiver.yaml'), example('yaml', 'handlers:').replace('9464', '0'));
  const running = parts.start(['--config', 'receiver.yaml'], { RECEIVER_KEY: '' });
  await sink.until(() => sink.posted.length === 2);
  expect((await running.kill('SIGTERM')).code).toBe(0);
  expect(await readFile(path('messages.ndjson'), 'utf8')).toBe(`${channel.messages.join('\n')}\n`);
});

test('the handler of one’s own runs', async () => {
  const { channel, path } = parts;
  channel.add(250);
  await writeFile(path('count.mjs'), example('js', 'class Count'));
  const running = parts.start(['--channel', '1', '--handler', './count.mjs', '--every', '100']);
  await running.said('./count.mjs: 200 messages, the last of tracker-1');
  expect((await running.kill('SIGTERM')).code).toBe(0);
});

test('the library runs as the example says', async () => {
  const { channel, path } = parts;
  channel.add(1);
  await writeFile(path('own.mjs'), example('js', 'new Receiver'));
  const running = parts.shell(`exec "${process.execPath}" own.mjs`);
  await running.said('1 0 1');
  const { code, out } = await running.kill('SIGINT');
  expect([code, JSON.parse(out).n]).toEqual([0, 0]);
});
