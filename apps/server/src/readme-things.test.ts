import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ThingPage } from '@polyrelay/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examplesOf, lacking, Terminal } from './testing/pasted.js';
import { startService, type TestService } from './testing/service.js';

/** The README's examples of things, pasted one after the other. Only port and address are others. */
const missing = lacking(['curl', 'unzip', 'python3', 'mosquitto_pub']);

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
  examplesOf('Things', language).map((text) => text.replace('-p 8883', `-p ${service.mqttPort}`));

test.skipIf(missing.length > 0)(
  'the examples of things do what they say',
  async () => {
    const [create, send, handle, collect, sign, publish, query, ...more] = examples('sh');
    expect(more).toEqual([]);
    const { env, folder } = terminal;
    const paste = (text = '') => terminal.paste(text, join(folder, env.NAME ?? ''));

    expect(await terminal.paste(create)).toContain('is ready');
    const [thing] = (await service.call<ThingPage>('GET', '/api/things')).items;
    Object.assign(env, { THING: thing?.id, NAME: thing?.name });
    const place = join(folder, env.NAME ?? '');
    expect(thing?.type).toBe('RaspberryPi');
    await expect
      .poll(async () => (await service.call<ThingPage>('GET', '/api/things')).items[0]?.status)
      .toBe('verified');

    expect(JSON.parse(await paste(send))).toMatchObject({ state: 'queued', payload: { set: 21 } });
    terminal.start(handle, place);
    const found = async (text: string) =>
      (
        await service.call<{ items: { preview: string }[] }>(
          'GET',
          `/api/things/${env.THING}/messages?type=egress&text=${text}`,
        )
      ).items;
    await expect.poll(() => found('heard'), { timeout: 15_000 }).toHaveLength(1);

    expect(await paste(collect)).toMatch(/^collected /);
    const [js = ''] = examples('js');
    await writeFile(join(place, 'reading.mjs'), js);
    await paste('node reading.mjs');
    const [py = ''] = examples('py');
    await writeFile(join(place, 'reading.py'), py);
    expect(await paste('python3 reading.py')).toMatch(/^200\n/);
    expect(JSON.parse(await paste(sign))).toMatchObject({ status: 'OK', code: 200 });
    await paste(publish);
    await expect.poll(() => found('21.5')).toHaveLength(5);

    const [all = '', page = ''] = (await paste(query)).split(/(?<=\})(?=\{"items")/);
    expect((JSON.parse(all) as { result: unknown[] }).result).toHaveLength(7);
    expect((JSON.parse(page) as { items: unknown[] }).items).toHaveLength(5);
    expect(await paste('unzip -Z1 messages.zip | wc -l')).toMatch(/^8\n/);
  },
  60_000,
);
