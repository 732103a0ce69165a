import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { crc32, deflateRawSync } from 'node:zlib';
import yauzl from 'yauzl';

export interface ZipEntry {
  name: string;
  content?: string | Buffer;
  /** Unix mode with its type bits; a plain file when left out. */
  mode?: number;
  /** What the archive says the size is, when that is a lie. */
  claimedSize?: number;
}

/** Makes a zip by hand, so that it can also hold what no honest program writes. */
export function zip(entries: ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content = '', mode = 0o100644, claimedSize } of entries) {
    const data = Buffer.from(content);
    const packed = deflateRawSync(data);
    const fileName = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x0800, 2);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(claimedSize ?? data.length, 18);
    fields.writeUInt16LE(fileName.length, 22);
    const file = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, fileName, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    const versionMadeBy = Buffer.from([20, 3]);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), versionMadeBy, fields, tail, fileName]),
    );
    files.push(file);
    offset += file.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, central, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

const open = promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer);

/** Reads a zip of texts, in its order. */
export async function unzip(bytes: Buffer): Promise<{ name: string; text: string }[]> {
  const file = await open(bytes, { lazyEntries: true });
  const read = promisify<yauzl.Entry, NodeJS.ReadableStream>(file.openReadStream.bind(file));
  const files: { name: string; text: string }[] = [];
  await new Promise<void>((resolve, reject) => {
    file.on('error', reject);
    file.on('end', resolve);
    file.on('entry', (entry: yauzl.Entry) => {
      read(entry)
        .then(async (content) => files.push({ name: entry.fileName, text: await text(content) }))
        .then(() => file.readEntry(), reject);
    });
    file.readEntry();
  });
  return files;
}
