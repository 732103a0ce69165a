import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { usePushClient } from './testing/setup.js';

const parts = usePushClient();
const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

/** The README's example in a language that has these words, at this test's addresses. */
function example(language: string, words: string): string {
  const blocks = [...readme.matchAll(/```(\w+)\n(.*?)```/gs)];
  const text = blocks.find(([, of, body]) => of === language && body?.includes(words))?.[2] ?? '';
  return text
    .replaceAll('http://localhost:8080', parts.peer.url)
    .replaceAll('insecure: true,', `insecure: true, port: ${parts.peer.port},`)
    .replaceAll('--insecure', `--insecure --port ${parts.peer.port}`)
    .replaceAll('node push-client.mjs', `"${process.execPath}" push-client.mjs`)
    .replaceAll('=…', `=${parts.peer.password}`);
}

test('the commands run', async () => {
  const [settings, commands = ''] = example('sh', '--insecure').split('\n\n');
  const plain = commands
    .trim()
    .split('\n')
    .filter((command) => command.includes('--insecure'));
  expect(plain).toHaveLength(2);
  for (const command of plain) {
    const running = parts.shell(`${settings}\nexec ${command}`);
    await running.said('listens to monitor');
    expect((await running.kill('SIGTERM')).code).toBe(0);
  }
});

const event = JSON.stringify({ Document: { Msg: { topic: '1/DeviceCore/2/0', operation: 'UPDATE' } } });

test.each([
  ['for await', '7 UPDATE 1/DeviceCore/2/0\n'],
  ['client.session', `${event}\n`],
])('the library runs as the example says: %s', async (words, out) => {
  const { peer, path } = parts;
  await writeFile(path('own.mjs'), example('js', words));
  const running = parts.shell(`exec "${process.execPath}" own.mjs`);
  const connection = await peer.connection(0);
  connection.send({ blockId: 7, payload: event });
  await peer.until(() => connection.acknowledged.length === 1);
  const ended = await running.kill('SIGINT');
  expect([ended.code, ended.out]).toEqual([0, out]);
});
