import { join } from 'node:path';
import { Lock, readIfThere } from '@polyrelay/essentials';
import { readConfig } from '../config.js';
import { readCredentials } from '../credentials.js';
import { Queue } from '../queue/queue.js';
import { RefusedFile } from '../queue/refused.js';
import { MessageStore } from '../store.js';
import type { CommandLine } from './options.js';
import { EXIT, print } from './say.js';

/** Says how it stands with this thing, from its own disk. */
export async function status(line: CommandLine): Promise<number> {
  const config = await readConfig(line.open);
  const { x509 } = await readCredentials(config);
  const queue = await (await Queue.open(join(config.data, 'queue'), config.maxQueueBytes)).size();
  const store = await MessageStore.open(config.data, config.expireSeconds);
  const refused = new RefusedFile(join(config.data, 'refused.ndjson'));
  const state = {
    name: config.name,
    id: config.id,
    config: config.file,
    data: config.data,
    collectUrl: config.collectUrl,
    broker: `${config.mqtt.host}:${config.mqtt.port}`,
    certificateUntil: new Date(x509.validTo).toISOString(),
    /** Number of the process that is connected. */
    running: (await new Lock(join(config.data, 'run.lock')).holder()) ?? null,
    queued: queue.messages,
    queuedBytes: queue.bytes,
    received: await store.count(),
    refused: (await refused.all()).length,
    failed: ((await readIfThere(store.failedFile)) ?? '').split('\n').filter(Boolean).length,
  };
  if (line.flag('json')) print(JSON.stringify(state));
  else for (const row of rows(state, refused.path, store.failedFile)) print(row);
  return EXIT.ok;
}

const rows = (
  state: Record<string, unknown> & {
    running: number | null;
    queued: number;
    refused: number;
    failed: number;
  },
  refusedFile: string,
  failedFile: string,
): string[] => [
  `Thing        ${state.name} (${state.id})`,
  `Config       ${state.config}`,
  `Service      ${state.collectUrl}`,
  `Broker       ${state.broker}`,
  `Certificate  valid until ${state.certificateUntil}`,
  `Running      ${state.running === null ? 'no: node thing.mjs run' : `yes, process ${state.running}`}`,
  `Queued       ${state.queued} to send`,
  `Received     ${state.received} stored`,
  ...(state.refused > 0 ? [`Refused      ${state.refused} by the service: ${refusedFile}`] : []),
  ...(state.failed > 0 ? [`Failed       ${state.failed} in the handler: ${failedFile}`] : []),
];
