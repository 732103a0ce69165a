import { reasonOf } from '@polyrelay/essentials';
import { howFarOff } from '../clock.js';
import type { Connection } from '../connection.js';
import { ThingError } from '../errors.js';
import { newId } from '../ids.js';
import { Thing } from '../thing.js';
import type { CommandLine } from './options.js';
import { EXIT, print } from './say.js';

/** Tokens are valid for six minutes; a clock that far off is told before it fails. */
const CLOCK_MS = 60_000;
const ECHO_MS = 15_000;

/** Tries everything once and says what works, and what to do about what does not. */
export async function bootstrap(line: CommandLine): Promise<number> {
  let thing: Thing;
  try {
    thing = await Thing.open(line.open);
  } catch (error) {
    print(`✗ config.yml and keys: ${reasonOf(error)}`);
    return EXIT.config;
  }
  try {
    print(`✓ ${thing.config.file} and keys of ${thing.config.name}`);
    const steps = [checkKeys, checkClock, checkBroker, checkCollect];
    let failed = 0;
    // All of them, where one does not stand in the way of the next: the user sees everything at once.
    for (const step of steps) if (!(await step(thing))) failed += 1;
    print(failed === 0 ? `${thing.config.name} is ready: node thing.mjs run` : 'Not ready yet: see ✗ above.');
    return failed === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    await thing.close();
  }
}

async function tried(what: string, step: () => Promise<string>): Promise<boolean> {
  try {
    print(`✓ ${await step()}`);
    return true;
  } catch (error) {
    print(`✗ ${what}: ${reasonOf(error)}`);
    return false;
  }
}

const checkKeys = ({ credentials, config }: Thing): Promise<boolean> =>
  tried('certificate', async () => {
    const { validFrom, validTo } = credentials.x509;
    const now = `This computer’s clock says ${new Date().toISOString()}; if that is wrong, set it (timedatectl set-ntp true)`;
    if (Date.parse(validFrom) > Date.now())
      throw new ThingError('KEYS', `${config.keys.certificate} is valid from ${validFrom}. ${now}`);
    if (Date.parse(validTo) < Date.now())
      throw new ThingError(
        'KEYS',
        `${config.keys.certificate} was valid until ${validTo}. ${now}, or rotate the keys`,
      );
    return `certificate is valid until ${new Date(validTo).toISOString().slice(0, 10)}`;
  });

const checkClock = (thing: Thing): Promise<boolean> =>
  tried('service', async () => {
    const offset = await thing.measureClock();
    const { host } = new URL(thing.config.collectUrl);
    if (Math.abs(offset) < CLOCK_MS) return `${host} answers, and the clock is right`;
    return `${host} answers. The clock is ${howFarOff(offset)}: messages are sent all the same, but set it (timedatectl set-ntp true)`;
  });

const checkBroker = (thing: Thing): Promise<boolean> => {
  const { mqtt, name } = thing.config;
  const where = `${mqtt.host}:${mqtt.port}`;
  return tried(`broker ${where}`, async () => {
    const { pubsub, test } = thing.config.topics;
    const token = newId();
    let heard = () => {};
    const echo = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const connection = await thing.connect([pubsub], async (_topic, { payload }) => {
      if ((payload as { bootstrap?: unknown } | null)?.bootstrap === token) heard();
    });
    await isUp(connection);
    print(`✓ broker ${where} took the certificate of ${name}`);
    await connection.publish(test, {
      thingId: thing.config.id,
      thingName: name,
      message: 'bootstrap',
      sequence: 0,
    });
    print(`✓ published on ${test}`);
    await connection.publish(pubsub, { bootstrap: token });
    await Promise.race([echo, tooLate(`nothing came back on ${pubsub} within ${ECHO_MS / 1000} s`)]);
    return `heard itself on ${pubsub}`;
  });
};

const isUp = (connection: Connection): Promise<void> =>
  new Promise((resolve, reject) => {
    connection.once('up', resolve);
    connection.once('down', (reason) => reject(new ThingError('CONNECTION', reason)));
  });

const tooLate = (what: string): Promise<never> =>
  new Promise((_, reject) => setTimeout(() => reject(new ThingError('CONNECTION', what)), ECHO_MS).unref());

const checkCollect = (thing: Thing): Promise<boolean> =>
  tried('collect', async () => {
    const waiting = new Promise<never>((_, reject) =>
      thing.once('waiting', (reason) =>
        reject(new ThingError('CONNECTION', `${reason} The message waits on disk.`)),
      ),
    );
    waiting.catch(() => {});
    const id = await thing.collect({ bootstrap: true, thingName: thing.config.name });
    await Promise.race([thing.sent(id), waiting]);
    return `collected message ${id}`;
  });
