/**
 * The demo's thing: `node main.js <unpacked distribution>`. It uses the library as any program on a thing does. Ends
 * with its standard input, and so with whoever started it, however that ends.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GreenhouseClimate } from './climate.js';

const folder = process.argv[2] ?? '.';
/** Seconds between two readings. */
const every = Number(process.env.DEMO_THING_SECONDS ?? 5);

const { Thing } = (await import(
  pathToFileURL(join(folder, 'thing.mjs')).href
)) as typeof import('@polyrelay/thing');
const climate = new GreenhouseClimate();
const thing = await Thing.open({ config: join(folder, 'config.yml') });

let stopping = false;
let last: string | undefined;
/** What is wrong is told once, not at each try. */
const tell = (reason: string): void => {
  if (reason !== last && !stopping) console.error(`${thing.config.name}: ${reason}`);
  last = reason;
};
thing.on('waiting', tell);
thing.on('disconnected', tell);
thing.on('refused', (_id, reason) => tell(reason));

const collect = (payload: unknown): void => {
  thing.collect(payload).catch((error: Error) => tell(error.message));
};
collect(climate.step());
const timer = setInterval(() => collect(climate.step()), every * 1000);

const stop = (): void => {
  stopping = true;
  clearInterval(timer);
  thing.close().then(
    () => process.exit(),
    () => process.exit(1),
  );
};
process.stdin.resume().once('end', stop);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);

for await (const message of thing.messages()) {
  collect(climate.take(message.payload));
  await thing.removeMessageFromStore(message);
}
