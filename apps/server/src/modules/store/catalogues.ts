import { createHash } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogueEntry } from '@polyrelay/contract';
import { DomainError, messageOf } from '#core/errors.js';
import { writeAtomically } from '#core/files.js';
import { fetchChanged } from '#core/outgoing.js';
import { duplicate, type ReadCatalogue, readCatalogue } from './catalogue.js';

/** A catalogue is never larger; a longer answer is something else. */
const MAX_CATALOGUE_BYTES = 1024 * 1024;

/** A good copy as it is kept. */
interface Copy {
  text: string;
  etag: string | undefined;
  refreshedAt: string;
}

/** One catalogue: where it is, and what it said when it could last be read. */
interface Shelf {
  place: string;
  copy: Copy | undefined;
  catalogue: ReadCatalogue | undefined;
  /** Why it could not be read the last time. */
  failure: string | undefined;
}

/** An entry, and the catalogue it is in. */
export type ListedEntry = CatalogueEntry & { catalogue: string };

/** Something wrong at a place of a catalogue; an empty path is the whole file. */
export interface PlacedProblem {
  place: string;
  path: string;
  message: string;
}

/**
 * The catalogues of the store. The last good copy of each is kept in `folder`, so that the store works while its
 * sources are out of reach.
 */
export class Catalogues {
  readonly #folder: string;
  readonly #allowPrivate: boolean;
  readonly #shelves: Shelf[];
  #entries = new Map<string, ListedEntry>();
  #problems: PlacedProblem[] = [];
  readonly #closing = new AbortController();

  constructor(options: { places: string[]; folder: string; allowPrivate: boolean }) {
    this.#folder = options.folder;
    this.#allowPrivate = options.allowPrivate;
    this.#shelves = options.places.map((place) => ({
      place,
      copy: undefined,
      catalogue: undefined,
      failure: undefined,
    }));
  }

  /** Every entry by its id. A map that was handed out stays as it is. */
  get entries(): ReadonlyMap<string, ListedEntry> {
    return this.#entries;
  }

  get problems(): readonly PlacedProblem[] {
    return this.#problems;
  }

  /** When the catalogues were last read; the oldest of them. Null when one never was, or when there is none. */
  get refreshedAt(): string | null {
    const times = this.#shelves.map(({ copy }) => copy?.refreshedAt ?? '').sort();
    return times[0] || null;
  }

  /** Takes up the copies of the last run. */
  async restore(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await Promise.all(this.#shelves.map((shelf) => this.#restore(shelf)));
    this.#arrange();
  }

  /** Reads all catalogues again. Never fails: problems are kept. */
  async refresh(): Promise<void> {
    await Promise.all(this.#shelves.map((shelf) => this.#refresh(shelf)));
    this.#arrange();
  }

  /** Ends what is being fetched. */
  close(): void {
    this.#closing.abort();
  }

  async #restore(shelf: Shelf): Promise<void> {
    const text = await readFile(this.#copyPath(shelf), 'utf8').catch(() => undefined);
    if (text === undefined) return;
    try {
      const copy = JSON.parse(text) as Copy;
      shelf.catalogue = readCatalogue(copy.text);
      shelf.copy = copy;
    } catch {
      // A copy that cannot be read is as good as none.
    }
  }

  async #refresh(shelf: Shelf): Promise<void> {
    try {
      const found = await this.#read(shelf);
      const refreshedAt = new Date().toISOString();
      const copy = found === undefined ? shelf.copy : { ...found, refreshedAt };
      if (copy === undefined) return;
      if (found !== undefined) shelf.catalogue = readCatalogue(found.text);
      shelf.copy = { ...copy, refreshedAt };
      shelf.failure = undefined;
      await writeAtomically(this.#copyPath(shelf), JSON.stringify(shelf.copy), 0o600);
    } catch (error) {
      const why = error instanceof DomainError ? error.errors?.[0]?.message : undefined;
      shelf.failure = why ?? messageOf(error);
    }
  }

  /** The catalogue's text; undefined when it has not changed. */
  async #read({ place, copy }: Shelf): Promise<{ text: string; etag: string | undefined } | undefined> {
    if (!/^https?:/i.test(place)) return { text: await readSmallFile(place), etag: undefined };
    return fetchChanged(place, copy?.etag, {
      maxBytes: MAX_CATALOGUE_BYTES,
      allowPrivate: this.#allowPrivate,
      signal: this.#closing.signal,
    });
  }

  #arrange(): void {
    const entries = new Map<string, ListedEntry>();
    const problems: PlacedProblem[] = [];
    for (const { place, catalogue, failure } of this.#shelves) {
      if (failure !== undefined) problems.push({ place, path: '', message: failure });
      for (const problem of catalogue?.problems ?? []) problems.push({ place, ...problem });
      for (const [index, entry] of (catalogue?.entries ?? []).entries()) {
        if (entries.has(entry.id))
          problems.push({ place, ...duplicate(index, entry.id, 'of another catalogue') });
        else entries.set(entry.id, { ...entry, catalogue: catalogue?.name ?? '' });
      }
    }
    this.#entries = entries;
    this.#problems = problems;
  }

  #copyPath({ place }: Shelf): string {
    return join(this.#folder, `${createHash('sha256').update(place).digest('hex').slice(0, 32)}.json`);
  }
}

/** Reads a file that may be anything: a device, or larger than memory. */
async function readSmallFile(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw new Error('it is not a file');
    if (facts.size > MAX_CATALOGUE_BYTES) throw new Error(`it is larger than ${MAX_CATALOGUE_BYTES} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
