import { randomBytes } from 'node:crypto';
import { link, readFile, rename, writeFile } from 'node:fs/promises';
import { codeOf } from './failures.js';
import { isAlive, readIfThere, removeIfThere } from './files.js';

/**
 * Held by one process of this computer at a time. One that was killed leaves its file, which the next takes away:
 * it holds the process’ number and, as numbers are used again, when it was started.
 */
export class Lock {
  readonly #path: string;
  #own: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @returns whether it is held now by this object; false: by another */
  async take(): Promise<boolean> {
    if (this.#own !== undefined) return true;
    if ((await this.holder()) !== undefined) return false;
    const own = `${process.pid} ${await startOf(process.pid)} ${randomBytes(8).toString('hex')}`;
    const draft = `${this.#path}.${own.split(' ')[2]}`;
    await writeFile(draft, own, { mode: 0o600 });
    try {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        // Linked, not written: nobody ever reads it half.
        const taken = await link(draft, this.#path).then(() => true, exists);
        if (taken) {
          this.#own = own;
          return true;
        }
        const holder = await readIfThere(this.#path);
        if (holder !== undefined && (await isHeld(holder))) return false;
        if (holder !== undefined) await this.#takeAway(holder);
      }
      return false;
    } finally {
      await removeIfThere(draft);
    }
  }

  /** Whether it is still this object’s: nobody took it away. */
  async isOwn(): Promise<boolean> {
    return this.#own !== undefined && (await readIfThere(this.#path)) === this.#own;
  }

  /** Number of the process that holds it. */
  async holder(): Promise<number | undefined> {
    const text = await readIfThere(this.#path);
    return text !== undefined && (await isHeld(text)) ? Number(text.split(' ')[0]) : undefined;
  }

  async release(): Promise<void> {
    if (await this.isOwn()) await removeIfThere(this.#path);
    this.#own = undefined;
  }

  /** Only the one that was seen: another process may have replaced it meanwhile. */
  async #takeAway(seen: string): Promise<void> {
    const aside = `${this.#path}.${randomBytes(8).toString('hex')}`;
    const moved = await rename(this.#path, aside).then(
      () => true,
      () => false,
    );
    if (!moved) return;
    if ((await readIfThere(aside)) !== seen) await link(aside, this.#path).catch(exists);
    await removeIfThere(aside);
  }
}

async function isHeld(text: string): Promise<boolean> {
  const [pid, started] = text.split(' ');
  if (!Number(pid) || !isAlive(Number(pid))) return false;
  return (await startOf(Number(pid))) === started;
}

/** When a process was started, in ticks since this start of the system; empty where the system does not tell. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in parentheses, may hold anything.
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  const boot =
    started === '' ? '' : await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${started}@${boot.trim()}`;
}

function exists(error: unknown): false {
  if (codeOf(error) === 'EEXIST') return false;
  throw error;
}
