import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Principal } from '#core/principal.js';
import { loadThing } from '../store.js';
import { contentsOf } from './contents.js';
import { placeOf } from './place.js';
import { claimPrivateKey, DOWNLOAD_MS } from './private-key.js';
import { pack } from './zip.js';

/** Each goes in a turn of its own, so that a connection that breaks off is seen before all of it is with the kernel. */
const CHUNK_BYTES = 16 * 1024;

export interface DownloadOptions {
  /** Left out: with the private key. */
  privateKey?: boolean;
  /** How the caller reached the service, for where PUBLIC_URL is not set: `http://192.168.1.5:8080`. */
  origin: string;
  /** Of the caller, for the audit log. */
  ip: string;
}

/** A distribution to be sent. */
export interface Download {
  filename: string;
  /** Of the whole zip. */
  bytes: number;
  /** The zip. It is destroyed when it takes too long. */
  stream: Readable;
  /** Must be called when the sending has ended: whole, or not. Then the private key is deleted, or given free. */
  ended(sentWhole: boolean): Promise<void>;
}

/**
 * The zip of a thing. With the private key it is the only one: until `ended` is called others are refused.
 * @throws notFound; gone `privateKeyGone`; conflict `downloadUnderWay`; unavailable `sdkMissing`
 */
export async function openDownload(
  app: FastifyInstance,
  principal: Principal,
  id: string,
  { privateKey = true, origin, ip }: DownloadOptions,
): Promise<Download> {
  const row = await loadThing(app, principal, id);
  const place = placeOf(app, origin);
  const claim = privateKey ? await claimPrivateKey(app, row) : undefined;
  let zip: Buffer;
  try {
    zip = await pack(await contentsOf(app, row, place, claim?.pem), new Date());
  } catch (error) {
    await claim?.release();
    throw error;
  }
  const stream = Readable.from(chunksOf(zip), { objectMode: false });
  const timer = setTimeout(() => stream.destroy(new Error('the download took too long')), DOWNLOAD_MS);
  timer.unref();
  const ended = async (sentWhole: boolean): Promise<void> => {
    clearTimeout(timer);
    if (!sentWhole) return claim?.release();
    await claim?.spend(principal.email, ip);
    const detail = { id, privateKey };
    await app.audit.record({
      actor: principal.email,
      action: 'thing.download',
      target: row.name,
      detail,
      ip,
    });
  };
  return { filename: `${row.name}.zip`, bytes: zip.length, stream, ended };
}

async function* chunksOf(data: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += CHUNK_BYTES) {
    yield data.subarray(at, at + CHUNK_BYTES);
    await nextTurn();
  }
}
