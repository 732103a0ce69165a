import { buffer } from 'node:stream/consumers';
import yazl from 'yazl';

/** One file of a zip. */
export interface ZipFile {
  name: string;
  content: Buffer;
  /** Unix permissions. */
  mode: number;
  /** For people. */
  about: string;
}

const PLAIN_FILE = 0o100000;

/** Packs files that are at hand: a distribution has some 100 KB. Its size must be known before it is sent. */
export function pack(files: ZipFile[], mtime: Date): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const { name, content, mode } of files)
    zip.addBuffer(content, name, { mode: PLAIN_FILE | mode, mtime });
  zip.end();
  return buffer(zip.outputStream);
}
