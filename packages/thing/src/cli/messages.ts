import { watch } from 'node:fs';
import { readConfig } from '../config.js';
import { MessageStore } from '../store.js';
import type { CommandLine } from './options.js';
import { EXIT, print } from './say.js';

/** The folder is looked at this often where the system does not tell of changes. */
const LOOK_MS = 1000;

/** Prints what is stored; it does not connect, so that it can run beside the service. */
export async function messages(line: CommandLine): Promise<number> {
  const config = await readConfig(line.open);
  const store = await MessageStore.open(config.data, config.expireSeconds);
  const count = line.number('count', 0);
  const told = new Set<string>();
  const show = async () => {
    let list = await store.list();
    if (line.flag('reverse')) list.reverse();
    if (count > 0) list = list.slice(0, count);
    for (const message of list) {
      if (told.has(message.id)) continue;
      told.add(message.id);
      print(JSON.stringify(message));
      if (line.flag('remove')) await store.remove(message.id);
    }
  };
  await show();
  if (line.flag('follow')) await follow(store.folder, show);
  return EXIT.ok;
}

function follow(folder: string, show: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let turn = Promise.resolve();
    const look = () => {
      turn = turn.then(show);
      turn.catch(reject);
    };
    const watcher = watch(folder, look);
    const timer = setInterval(look, LOOK_MS);
    const stop = () => {
      watcher.close();
      clearInterval(timer);
      turn.then(resolve, reject);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  });
}
