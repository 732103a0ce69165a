import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rules } from '@polyrelay/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { examplesOf, lacking, Terminal } from './testing/pasted.js';
import { startService, type TestService } from './testing/service.js';

/** The README's examples of channels, pasted one after the other. Only port and address are others. */
const missing = lacking(['curl', 'jq', 'mosquitto_pub', 'mosquitto_sub']);
/** flespi's own receiver, which is not ours to install; Python 3.11 ended what it is built on. */
const THEIRS = 'import sys, flespi_receiver; sys.exit(sys.version_info >= (3, 11))';
const hasTheirs = spawnSync('python3', ['-c', THEIRS]).status === 0;

let service: TestService;
let terminal: Terminal;

beforeAll(async () => {
  service = await startService();
  terminal = await Terminal.open(service);
});
afterAll(async () => {
  await terminal.close();
  await service.close();
});

const examples = (language: string): string[] =>
  examplesOf('Channels', language).map((text) => text.replace('-p 8883', `-p ${service.mqttPort}`));

test.skipIf(missing.length > 0)(
  'the examples of channels do what they say',
  async () => {
    const [create, curl, receiver, subscribe, publish, rule, filter, token, ...more] = examples('sh');
    expect(more).toEqual([]);
    const [added, id] = (await terminal.paste(`${create}\necho; echo $CHANNEL`)).trim().split('\n');
    terminal.env.CHANNEL = id as string;
    expect(JSON.parse(added as string)).toEqual({ result: [{ first_key: 0, last_key: 1, count: 2 }] });

    const reading = terminal.start(curl);
    await reading.said('car2');
    const handed = terminal.start(receiver);
    await handed.said('"battery.level":12');
    const subscribed = terminal.start(subscribe);
    const waiting = () => service.app.metrics.registry.metrics();
    await expect.poll(waiting, { timeout: 15_000 }).toMatch(/^polyrelay_channel_reads_waiting 2$/m);
    // Published until it is heard: whether a subscription stands, its client does not tell.
    const heard = /flespi\/message\/gw\/channels\/\d+\/car1 \{"ident":"car1".*"speed":41\.5\}/;
    await expect
      .poll(
        async () => {
          await terminal.paste(publish);
          return subscribed.out;
        },
        { timeout: 15_000, interval: 300 },
      )
      .toMatch(heard);
    await Promise.all([reading.said('"speed":41.5'), handed.said('"speed":41.5')]);
    expect(await readFile(join(terminal.folder, 'messages.ndjson'), 'utf8')).toContain('"speed":41.5');

    expect(JSON.parse(await terminal.paste(rule))).toMatchObject({ name: 'climate', enabled: true });
    const { items } = await service.call<z.infer<typeof Rules>>('GET', `/api/channels/${id}/rules`);
    expect(items).toHaveLength(1);
    expect(JSON.parse(await terminal.paste(filter))).toMatchObject({
      result: [{ ident: 'car2', 'battery.level': 12 }],
    });
    const follower = JSON.parse(await terminal.paste(token)) as { token: string };
    const call = (method: string, path: string) =>
      fetch(`${service.url}${path}`, { method, headers: { authorization: `FlespiToken ${follower.token}` } });
    expect((await call('GET', `/gw/channels/${id}/messages`)).status).toBe(200);
    expect((await call('DELETE', `/gw/channels/${id}/messages?data={"delete_key":1}`)).status).toBe(403);
  },
  60_000,
);

test.skipIf(missing.length > 0 || !hasTheirs)('flespi’s own receiver reads it', async () => {
  const [py = ''] = examples('py');
  const [create] = examples('sh');
  terminal.env.CHANNEL = (await terminal.paste(`${create} >&2; echo $CHANNEL`)).trim();
  await writeFile(join(terminal.folder, 'follow.py'), py);
  await terminal.start('exec python3 -u follow.py').said('car2');
});
