// Writes dist/pgc_interface-<version>-py3-none-any.whl: what build_wheel.py makes, without Python.
import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { ZipFile } from 'yazl';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const NAME = `pgc_interface-${JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8')).version}`;
const INFO = `${NAME}.dist-info`;
// Archives must not depend on when they were made.
const TIME = new Date(2020, 0, 1);

const sources = join(HERE, 'src/pgc_interface');
const files = readdirSync(sources, { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name }) => [`pgc_interface/${name}`, readFileSync(join(sources, name))])
  .sort(([one], [other]) => (one < other ? -1 : 1));
for (const name of ['METADATA', 'WHEEL'])
  files.push([`${INFO}/${name}`, readFileSync(join(HERE, 'wheel', name))]);
const digest = (content) => createHash('sha256').update(content).digest('base64url');
const record = files.map(([name, content]) => `${name},sha256=${digest(content)},${content.length}\n`);
files.push([`${INFO}/RECORD`, Buffer.from(`${record.join('')}${INFO}/RECORD,,\n`)]);

const zip = new ZipFile();
for (const [name, content] of files) zip.addBuffer(content, name, { mtime: TIME, mode: 0o100644 });
zip.end();
mkdirSync(join(HERE, 'dist'), { recursive: true });
await pipeline(zip.outputStream, createWriteStream(join(HERE, 'dist', `${NAME}-py3-none-any.whl`)));
