import { writeFile } from 'node:fs/promises';
import type { Backup, BackupList } from '@polyrelay/contract';
import { nextEvent } from './node-servers.js';
import type { TestService } from './service.js';

/** Makes a backup through the API and waits until it is there. */
export async function makeBackup(service: TestService): Promise<Backup> {
  let made = (): void => undefined;
  const name = new Promise<string>((resolve, reject) => {
    const end = service.app.events.on('backups/+', ({ topic, operation, payload }) => {
      if (operation === 'INSERTION') resolve(topic.slice('backups/'.length));
      else if (topic === 'backups/failed') reject(new Error(String(payload.message)));
    });
    made = end;
  });
  try {
    await service.call('POST', '/api/backups', { status: 202 });
    const done = await name;
    const { items } = await service.call<BackupList>('GET', '/api/backups');
    const found = items.find((item) => item.name === done);
    if (found === undefined) throw new Error(`${done} is not in the list`);
    return found;
  } finally {
    made();
  }
}

/** Downloads a backup to a file. */
export async function download(service: TestService, name: string, path: string): Promise<Buffer> {
  const response = await service.fetch(`/api/backups/${name}`);
  if (!response.ok) throw new Error(`the download answered ${response.status}`);
  const content = Buffer.from(await response.arrayBuffer());
  await writeFile(path, content);
  return content;
}

/** The next backup that is made, by whom it may be. */
export const nextBackup = (service: TestService): Promise<void> =>
  nextEvent(service, 'backups/+', (_payload, operation) => operation === 'INSERTION');
