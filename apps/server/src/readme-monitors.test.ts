import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Monitor } from '@polyrelay/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examplesOf, lacking, Terminal } from './testing/pasted.js';
import { freePorts } from './testing/ports.js';
import { ADMIN, startService, type TestService } from './testing/service.js';

/** The README's examples of push monitors, pasted one after the other. Only ports and addresses are others. */
const missing = lacking(['curl', 'jq']);
/** The published client, which is not ours to install; Python 3.12 ended what it is built on. */
const THEIRS = 'import sys, devicecloud; sys.exit(sys.version_info >= (3, 12))';
const hasTheirs = spawnSync('python3', ['-c', THEIRS]).status === 0;

let service: TestService;
let terminal: Terminal;
let hookPort: number;

beforeAll(async () => {
  service = await startService({ ALLOW_PRIVATE_URLS: 'true' });
  terminal = await Terminal.open(service);
  hookPort = await freePorts(1);
});
afterAll(async () => {
  await terminal.close();
  await service.close();
});

const examples = (language: string): string[] =>
  examplesOf('Push monitors', language).map((text) =>
    text
      .replace('you@example.org', ADMIN.email)
      .replace('node push-client.mjs', `node push-client.mjs --port ${service.app.push.tlsPort}`)
      .replace('9000', String(hookPort)),
  );

const addThing = (name: string) =>
  service.call('POST', '/api/things', { body: { name, type: 'Pi' }, status: 201 });

/** Makes the monitor of the examples. @returns what is to be pasted behind */
async function createMonitor(): Promise<string[]> {
  const [create, ...more] = examples('sh');
  const [email, id] = (await terminal.paste(`${create}\necho $EMAIL; echo $MONITOR`)).trim().split('\n');
  Object.assign(terminal.env, { EMAIL: email, MONITOR: id });
  return more;
}

test.skipIf(missing.length > 0)(
  'the examples of monitors do what they say',
  async () => {
    const [receive, ask, hook, poll, template, web, ...more] = await createMonitor();
    expect(more).toEqual([]);
    // Nobody is connected: it waits.
    await addThing('lettuce');
    const received = terminal.start(receive);
    await received.said('-lettuce');
    const [tested, replayed] = (await terminal.paste(ask?.replace('\n', '\necho; '))).trim().split('\n');
    expect(JSON.parse(tested as string)).toEqual({ eventId: expect.any(String) });
    expect(JSON.parse(replayed as string)).toMatchObject({ lag: { more: false } });
    await received.said(`/Test/${terminal.env.MONITOR}`);
    await expect.poll(() => received.out.match(/-lettuce/g)?.length, { timeout: 15_000 }).toBe(2);

    const [js = ''] = examples('js');
    await writeFile(join(terminal.folder, 'hook.mjs'), js);
    const hooked = terminal.start(hook);
    await hooked.said('/Test/');
    await addThing('cress');
    await hooked.said('-cress');

    const polled = terminal.start(poll);
    await polled.said('-lettuce');
    await addThing('rocket');
    await Promise.all([polled, received].map((running) => running.said('-rocket')));

    expect(JSON.parse(await terminal.paste(template))).toEqual({
      payload: expect.stringMatching(/-cress: 0\n.*-rocket: 0\n/),
      events: 2,
    });
    const answers = await terminal.paste(web);
    expect(answers).toContain(`<monId>${terminal.env.MONITOR}</monId>`);
    expect(answers).toContain('"dpDescription"');
  },
  60_000,
);

test.skipIf(missing.length > 0 || !hasTheirs)('the published client in Python receives it', async () => {
  await createMonitor();
  const [py = ''] = examples('py');
  const port = `from devicecloud import monitor_tcp\nmonitor_tcp.PUSH_SECURE_PORT = ${service.app.push.tlsPort}\n`;
  await writeFile(join(terminal.folder, 'watch.py'), port + py);
  await terminal.paste('curl -fsS -o ca.pem $URL/api/ca.pem');
  const watched = terminal.start('exec python3 -u watch.py');
  const active = async () =>
    (await service.call<{ items: Monitor[] }>('GET', '/api/monitors?status=ACTIVE')).items.map(
      ({ topic }) => topic,
    );
  await expect.poll(active, { timeout: 15_000 }).toContain('DeviceCore,AlarmStatus');
  await addThing('basil');
  await watched.said('-basil');
});
