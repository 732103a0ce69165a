import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Thing, ThingPage } from '@polyrelay/contract';
import { unpack } from './unpack.js';

/** Calls the service's API as its user. @throws where it answers with a failure */
export type Call = (method: string, path: string, body?: unknown) => Promise<Response>;

const NAME = 'greenhouse';

/**
 * Sees to it that there is a thing “greenhouse” with its distribution unpacked below `folder`, and that it is verified.
 * @returns the distribution's folder
 * @throws what the bootstrap said
 */
export async function setUpGreenhouse(call: Call, folder: string): Promise<string> {
  const thing = (await findGreenhouse(call)) ?? (await createGreenhouse(call));
  // A new thing of that name has a queue and keys of its own.
  const place = join(folder, thing.id);
  const query = thing.privateKey === 'available' ? '' : '?privateKey=false';
  const zip = await call('GET', `/api/things/${thing.id}/dist${query}`);
  await unpack(Buffer.from(await zip.arrayBuffer()), place);
  if (thing.status === 'created') await bootstrap(place);
  return place;
}

async function findGreenhouse(call: Call): Promise<Thing | undefined> {
  const answer = await call('GET', `/api/things?search=${NAME}`);
  const { items } = (await answer.json()) as ThingPage;
  const found = items.find(({ name, ownerId }) => name === `${ownerId.slice(0, 8)}-${NAME}`);
  return found && ((await (await call('GET', `/api/things/${found.id}`)).json()) as Thing);
}

/** Its private key stays, so that each start can fetch the distribution anew. */
const createGreenhouse = async (call: Call): Promise<Thing> =>
  (await (
    await call('POST', '/api/things', { name: NAME, type: 'Demo', keepPrivateKey: true })
  ).json()) as Thing;

async function bootstrap(place: string): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [join(place, 'thing.mjs'), 'bootstrap']);
  } catch (error) {
    throw new Error(`The greenhouse is not ready:\n${(error as { stdout?: string }).stdout}`, {
      cause: error,
    });
  }
}
