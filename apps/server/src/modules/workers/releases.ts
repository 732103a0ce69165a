import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerJson, Source } from '@polyrelay/contract';
import { COMPLETE } from './layout.js';
import { removeTree } from './remove.js';

/** What an installation depends on: when it changes, what is there counts for nothing. */
interface Content {
  source: Source;
  commit: string | null;
  serverJson: ServerJson;
  runtime: string;
}

/** The installed programs of one node server, a folder each: the one that runs, and the one before it. */
export class Releases {
  readonly #folder: string;

  constructor(workerFolder: string) {
    this.#folder = join(workerFolder, 'releases');
  }

  folder(number: number): string {
    return join(this.#folder, String(number));
  }

  async isComplete(number: number, content: Content): Promise<boolean> {
    return (await readFile(this.#mark(number), 'utf8').catch(() => '')) === markOf(content);
  }

  /** Only now it counts: an installation that was cut off is made again. */
  complete(number: number, content: Content): Promise<void> {
    return writeFile(this.#mark(number), markOf(content));
  }

  remove(number: number): Promise<void> {
    return removeTree(this.folder(number));
  }

  /** Removes all others. */
  async keep(numbers: number[]): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    await Promise.all(
      names.filter((name) => !numbers.includes(Number(name))).map((name) => this.remove(Number(name))),
    );
  }

  #mark(number: number): string {
    return join(this.folder(number), COMPLETE);
  }
}

const markOf = ({ source, commit, serverJson, runtime }: Content): string =>
  createHash('sha256')
    .update(JSON.stringify([source, commit, serverJson.install_cloud ?? '', serverJson.type, runtime]))
    .digest('hex');
