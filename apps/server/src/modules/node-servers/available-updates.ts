import type { AvailableUpdate, EntrySource } from '@polyrelay/contract';

/** What is asked about: the entry of the store a node server came from, and what is installed of it. */
export interface InstalledVersion {
  catalogueEntry: string | null;
  version: string;
  source: unknown;
}

/** Whoever reads catalogues. */
interface Catalogues {
  find(installed: InstalledVersion & { catalogueEntry: string }): AvailableUpdate | null;
  /** Where an entry says that its program is now; undefined when there is no such entry any more. */
  source(catalogueEntry: string): EntrySource | undefined;
}

/** Whether newer versions are to be had. Nobody knows until a module that reads catalogues tells how to find out. */
export class AvailableUpdates {
  #catalogues: Catalogues = { find: () => null, source: () => undefined };

  provide(catalogues: Catalogues): void {
    this.#catalogues = catalogues;
  }

  find({ catalogueEntry, version, source }: InstalledVersion): AvailableUpdate | null {
    return catalogueEntry === null ? null : this.#catalogues.find({ catalogueEntry, version, source });
  }

  source(catalogueEntry: string | null): EntrySource | undefined {
    return catalogueEntry === null ? undefined : this.#catalogues.source(catalogueEntry);
  }
}
