import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import yauzl from 'yauzl';

const open = promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer);

/** Unpacks a zip into a folder, over what is there. yauzl refuses names that lead out of it. */
export async function unpack(zip: Buffer, folder: string): Promise<void> {
  const file = await open(zip, { lazyEntries: true });
  const read = promisify<yauzl.Entry, NodeJS.ReadableStream>(file.openReadStream.bind(file));
  file.on('entry', (entry: yauzl.Entry) => {
    const path = join(folder, entry.fileName);
    const mode = (entry.externalFileAttributes >>> 16) & 0o777;
    mkdir(dirname(path), { recursive: true })
      .then(async () => writeFile(path, await read(entry), { mode }))
      .then(
        () => file.readEntry(),
        (error: unknown) => file.emit('error', error),
      );
  });
  const end = once(file, 'end');
  file.readEntry();
  await end;
}
