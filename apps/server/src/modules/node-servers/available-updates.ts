import type { AvailableUpdate } from '@polyrelay/contract';

/** What is asked about: the entry of the store a node server came from, and what is installed of it. */
export interface InstalledVersion {
  catalogueEntry: string | null;
  version: string;
  source: unknown;
}

type FindUpdate = (installed: InstalledVersion & { catalogueEntry: string }) => AvailableUpdate | null;

/** Whether newer versions are to be had. Nobody knows until a module that reads catalogues tells how to find out. */
export class AvailableUpdates {
  #find: FindUpdate = () => null;

  provide(find: FindUpdate): void {
    this.#find = find;
  }

  find({ catalogueEntry, version, source }: InstalledVersion): AvailableUpdate | null {
    return catalogueEntry === null ? null : this.#find({ catalogueEntry, version, source });
  }
}
