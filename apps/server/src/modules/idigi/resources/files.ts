import { connectwareIdOf, fileData, folderOf, HOME, idOfConnectware } from '@polyrelay/codecs/push-resource';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import { type Item, itemOf } from '../answer/item.js';
import type { Caller } from '../caller.js';
import type { Query } from '../query.js';
import { type Folders, filterOf } from './file-filter.js';

type Heads = Awaited<ReturnType<FastifyInstance['messages']['collected']>>['heads'];
type Head = Heads[number];

/** So much content is at hand at once. */
const CHUNK_BYTES = 8 * 1024 * 1024;

/** A part of the files; their content is read while they are sent. */
export interface FilePage {
  total: number;
  count: number;
  items: AsyncIterable<Item>;
}

/**
 * The files that a query asks for: first the folders, one for each thing, then what the things sent, a file for each
 * message. With `embed` their content is among it.
 */
export async function listFiles(app: FastifyInstance, caller: Caller, query: Query): Promise<FilePage> {
  const { start, size, condition, embed } = query;
  const things = await app.things.devices(caller.userId);
  const folders: Folders = {
    paths: new Map(things.map(({ id }) => [id, folderOf(id)])),
    customerId: await app.monitors.resources.customerId(caller.userId),
  };
  const directories = things.map((thing) => directoryOf(thing, folders)).filter(query.matches);
  const shown = directories.slice(start, start + size);
  // One more than fits is not needed to know how many there are.
  const { heads, total } = await app.messages.collected(
    [...folders.paths.keys()],
    filterOf(condition, folders),
    { offset: Math.max(0, start - directories.length), limit: Math.max(1, size - shown.length) },
  );
  const files = heads.slice(0, size - shown.length);
  return {
    total: directories.length + total,
    count: shown.length + files.length,
    items: itemsOf(app, shown, files, folders, embed),
  };
}

/** The content of a file. @throws notFound */
export async function readFile(app: FastifyInstance, caller: Caller, path: string): Promise<string> {
  const [, folder = '', name = ''] = /^~?\/?([^/]+)\/([^/]+)$/.exec(path.replace(/^~\//, '')) ?? [];
  const id = idOfConnectware(folder);
  const [thing] = id === undefined ? [] : await app.things.devices(caller.userId, id);
  const { heads } =
    thing === undefined
      ? { heads: [] }
      : await app.messages.collected(
          [thing.id],
          { kind: 'and', parts: [{ kind: 'compare', column: 'file', operator: '=', value: name }] },
          { offset: 0, limit: 1 },
        );
  const [head] = heads;
  const content = head === undefined ? undefined : (await app.messages.texts([head.id])).get(head.id);
  if (content !== undefined) return content;
  throw new DomainError('notFound', 'notFound', `There is no file ${path.slice(0, 200)}, or it is not yours`);
}

async function* itemsOf(
  app: FastifyInstance,
  directories: Item[],
  files: Heads,
  folders: Folders,
  embed: boolean,
): AsyncGenerator<Item> {
  yield* directories;
  if (!embed) {
    for (const file of files) yield fileOf(file, folders);
    return;
  }
  for (const chunk of chunksOf(files)) {
    const contents = await app.messages.texts(chunk.map(({ id }) => id));
    for (const file of chunk) {
      const content = contents.get(file.id);
      const fdData = content === undefined ? undefined : Buffer.from(content).toString('base64');
      yield { ...fileOf(file, folders), fdData };
    }
  }
}

/** Files by so many bytes, at least one. */
function* chunksOf(files: Heads): Generator<Heads> {
  let chunk: Heads = [];
  let bytes = 0;
  for (const file of files) {
    if (chunk.length > 0 && bytes + file.bytes > CHUNK_BYTES) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(file);
    bytes += file.bytes;
  }
  if (chunk.length > 0) yield chunk;
}

const directoryOf = ({ id, since }: { id: string; since: Date }, { customerId }: Folders): Item => ({
  id: { fdPath: HOME, fdName: connectwareIdOf(id) },
  cstId: String(customerId),
  fdType: 'directory',
  fdContentType: '',
  fdSize: '0',
  fdCreatedDate: since.toISOString(),
  fdLastModifiedDate: since.toISOString(),
});

const fileOf = ({ id, thingId, at, bytes }: Head, { customerId }: Folders): Item =>
  itemOf(fileData({ thingId, messageId: id, customerId, size: bytes, at: at.toISOString() }));
