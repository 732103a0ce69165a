import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { Catalogues, type ListedEntry } from './catalogues.js';
import { updateOf } from './versions.js';

/** The catalogues, and what they mean for what is installed. */
export class Store {
  readonly #app: FastifyInstance;
  /** Copies of catalogues, and repositories while they are read. */
  readonly folder: string;
  readonly catalogues: Catalogues;
  /** Who asks while it is under way waits for the same. */
  #refreshing: Promise<void> | undefined;

  constructor(app: FastifyInstance) {
    const { dataDir, catalogues, allowPrivateUrls } = app.config;
    this.#app = app;
    this.folder = join(dataDir, 'store');
    this.catalogues = new Catalogues({
      places: catalogues,
      folder: this.folder,
      allowPrivate: allowPrivateUrls,
    });
    app.nodeServers.updates.provide({
      find: (installed) => find(this.catalogues.entries, installed),
      source: (entry) => this.catalogues.entries.get(entry)?.source,
    });
  }

  /** Reads the catalogues again, and says of which node servers a newer version has come, or gone. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Ends a refresh that is under way. */
  async close(): Promise<void> {
    this.catalogues.close();
    await this.#refreshing?.catch(() => undefined);
  }

  async #refresh(): Promise<void> {
    const before = this.catalogues.entries;
    await this.catalogues.refresh();
    for (const copy of await this.#app.nodeServers.storeCopies()) {
      const now = find(this.catalogues.entries, copy);
      if (JSON.stringify(find(before, copy)) !== JSON.stringify(now))
        await this.#app.nodeServers.announceUpdate(copy);
    }
  }

  /** After a node server got another version: whether there still is a newer one. */
  async versionChanged(nodeServerId: string): Promise<void> {
    const copy = (await this.#app.nodeServers.storeCopies()).find(({ id }) => id === nodeServerId);
    if (copy !== undefined) await this.#app.nodeServers.announceUpdate(copy);
  }
}

function find(
  entries: ReadonlyMap<string, ListedEntry>,
  installed: { catalogueEntry: string; version: string; source: unknown },
) {
  const entry = entries.get(installed.catalogueEntry);
  return entry === undefined ? null : updateOf(installed, entry);
}
