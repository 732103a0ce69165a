import { createWriteStream } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { DomainError, messageOf } from '#core/errors.js';
import { Measure } from './measure.js';

const SYMLINK_MODE = 0o120000;
const TYPE_MASK = 0o170000;

const open = promisify<string, yauzl.Options, ZipFile>(yauzl.open);

/**
 * Unpacks a zip into an empty folder. Refuses paths that lead out of it, links, and archives that grow too large;
 * a single folder at the top (as GitHub's archives have) is left out.
 */
export function unpack(archive: string, folder: string): Promise<void> {
  return withEntries(archive, async (entries, openEntry) => {
    for (const [name, entry] of entries) {
      const path = join(folder, name);
      if (!path.startsWith(folder + sep)) throw refused(`${entry.fileName} leads out of the folder`);
      await mkdir(dirname(path), { recursive: true });
      await pipeline(await openEntry(entry), createWriteStream(path, { flags: 'wx' }));
      if ((modeOf(entry) & 0o111) !== 0) await chmod(path, 0o755);
    }
  });
}

/**
 * Reads one file of a zip that {@link unpack} would take, without unpacking it.
 * @param name as it will be called when it is unpacked
 * @returns its text, and no more of it than one byte over `maxBytes`; undefined when there is none
 */
export function readFromArchive(
  archive: string,
  name: string,
  maxBytes: number,
): Promise<string | undefined> {
  return withEntries(archive, async (entries, openEntry) => {
    const entry = entries.get(name);
    if (entry === undefined) return undefined;
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of (await openEntry(entry)) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) break;
    }
    return Buffer.concat(chunks).toString('utf8', 0, maxBytes + 1);
  });
}

type OpenEntry = (entry: Entry) => Promise<NodeJS.ReadableStream>;

/** Opens a zip and checks all that it says of itself. The files are named as they will be below the folder. */
async function withEntries<T>(
  archive: string,
  work: (entries: Map<string, Entry>, openEntry: OpenEntry) => Promise<T>,
): Promise<T> {
  const zip = await open(archive, { lazyEntries: true, autoClose: false, validateEntrySizes: true }).catch(
    (cause: unknown) => {
      throw refused(`it is not a zip archive (${messageOf(cause)})`, cause);
    },
  );
  try {
    const entries = await readEntries(zip);
    const top = commonFolder(entries).length;
    const files = new Map<string, Entry>();
    for (const entry of entries.filter(({ fileName }) => !fileName.endsWith('/'))) {
      const name = entry.fileName.slice(top);
      if (files.has(name)) throw refused(`it holds ${entry.fileName} twice`);
      files.set(name, entry);
    }
    const openEntry = promisify<Entry, NodeJS.ReadableStream>(zip.openReadStream.bind(zip) as never);
    return await work(files, openEntry);
  } finally {
    zip.close();
  }
}

async function readEntries(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  const measure = new Measure();
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      const problem = problemOf(entry) ?? measure.add(normalize(entry.fileName), entry.uncompressedSize);
      if (problem !== undefined) return reject(refused(problem));
      zip.readEntry();
    });
    zip.on('end', resolve);
    // yauzl itself refuses absolute names and “..”.
    zip.on('error', (cause: Error) => reject(refused(cause.message, cause)));
    zip.readEntry();
  });
  return entries;
}

function problemOf(entry: Entry): string | undefined {
  if ((modeOf(entry) & TYPE_MASK) === SYMLINK_MODE) return `${entry.fileName} is a link`;
  if (normalize(entry.fileName).startsWith('..')) return `${entry.fileName} leads out of the folder`;
  return undefined;
}

/** The Unix mode, kept in the upper half of the external attributes. */
const modeOf = (entry: Entry): number => entry.externalFileAttributes >>> 16;

/** `name/` when everything lies in one folder and server.json is not at the top. */
function commonFolder(entries: Entry[]): string {
  const first = entries[0]?.fileName ?? '';
  const top = first.slice(0, first.indexOf('/') + 1);
  return top !== '' && entries.every(({ fileName }) => fileName.startsWith(top)) ? top : '';
}

const refused = (why: string, cause?: unknown): DomainError =>
  new DomainError('invalid', 'badArchive', `The zip cannot be used: ${why}.`, { cause });
