import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { appendLine, readIfThere } from '@polyrelay/essentials';

/** A message that can never be collected, and why. */
export interface Refusal {
  id: string | undefined;
  at: string;
  reason: string;
  /** Its payload, or the line that could not be read. */
  payload?: unknown;
  line?: string;
}

/** Messages set aside, one JSON a line: nothing is thrown away without a word. */
export class RefusedFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async add(refusal: Refusal): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    await appendLine(this.path, JSON.stringify(refusal));
  }

  async all(): Promise<Refusal[]> {
    const lines = ((await readIfThere(this.path)) ?? '').split('\n');
    return lines.flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as Refusal];
      } catch {
        return [];
      }
    });
  }
}
