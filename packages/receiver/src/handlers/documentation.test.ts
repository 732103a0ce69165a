import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { flagOf, propertiesOf } from '../cli/options.js';
import { useReceiver } from '../testing/setup.js';
import { HANDLERS } from './index.js';

const parts = useReceiver();
const page = await readFile(new URL('../../../../docs/receiver-handlers.md', import.meta.url), 'utf8');
const block = (language: string): string =>
  new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page)?.[1] ?? '';

const reading = (ident: string, level: unknown): string =>
  JSON.stringify({ ident, timestamp: 1, 'battery.level': level });

test('the example runs as it stands there, and what fails comes again', async () => {
  const alarms: unknown[] = [];
  const answers = [500, 200, 500, 200, 200, 401];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request.setEncoding('utf8')) text += piece;
    const status = answers.shift() ?? 200;
    if (status === 200) alarms.push([request.url, JSON.parse(text)]);
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await writeFile(parts.path('low-battery.mjs'), block('js'));
  // Their second alarm fails at first: the first one is told again.
  parts.channel.messages.push(
    reading('a', 80),
    reading('a', 14),
    reading('a', 13),
    reading('b', 15),
    reading('b', 'full'),
    reading('c', 0),
  );
  const command = block('sh').trim().replace('localhost:9000', `127.0.0.1:${port}`);
  const [program, file, ...args] = command.split(' ');
  expect([program, file]).toEqual(['node', 'receiver.mjs']);
  const running = parts.start([...args, '--retry-delay', '0.01']);
  await running.said('c is at 0 %');
  const told = (ident: string, level: number) => ['/alarms', { ident, timestamp: 1, level }];
  expect(alarms).toEqual([told('a', 14), told('a', 14), told('c', 0)]);
  parts.channel.messages.push(reading('c', 50), reading('c', 10));
  parts.channel.wake();
  const { code, err } = await running.ended();
  expect(code).toBe(1);
  expect(err).toContain('does not let us in');
  expect(err).toContain('curr_key=6');
  server.close();
});

test.each(Object.entries(HANDLERS))('the row of %s has all its options', (kind, { options }) => {
  const row = page.split('\n').find((line) => line.startsWith(`| \`${kind}\` |`)) ?? '';
  const flags = [...row.matchAll(/--[a-z-]+/g)].map(([flag]) => flag);
  expect(flags.toSorted()).toEqual(Object.keys(propertiesOf(options)).map(flagOf).toSorted());
});
