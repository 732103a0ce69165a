import { dirname } from 'node:path';

/** What a program may be, unpacked. */
const MAX_FILES = 10_000;
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_DEPTH = 32;

/** Adds up what a source unpacks to, before anything of it is written. */
export class Measure {
  readonly #paths = new Set<string>();
  #bytes = 0;

  /**
   * @param path inside the source
   * @returns what is too much, in words for the user
   */
  add(path: string, bytes: number): string | undefined {
    this.#bytes += bytes;
    const whole = path.replace(/\/+$/, '');
    if (whole.split('/').length > MAX_DEPTH) return `its folders are more than ${MAX_DEPTH} deep`;
    for (let at = whole; at !== '.' && at !== '/' && !this.#paths.has(at); at = dirname(at))
      this.#paths.add(at);
    if (this.#paths.size > MAX_FILES) return `it holds more than ${MAX_FILES} files`;
    if (this.#bytes > MAX_BYTES) return `it unpacks to more than ${MAX_BYTES / 1024 / 1024} MiB`;
    return undefined;
  }
}
