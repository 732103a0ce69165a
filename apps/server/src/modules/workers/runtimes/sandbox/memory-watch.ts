import { readdirSync, readFileSync } from 'node:fs';

const PERIOD_MS = 2000;
const PAGE_BYTES = 4096;

interface Watched {
  limitBytes: number;
  onExceeded: () => void;
}

/**
 * Ends workers whose processes together use more memory than they may: the kernel's limit is for each process alone.
 * One look at all processes of the machine serves all workers.
 */
export class MemoryWatch {
  readonly #watched = new Map<number, Watched>();
  #timer: NodeJS.Timeout | undefined;

  /** @param root the process whose descendants count; @returns a function that ends the watch */
  add(root: number | undefined, watched: Watched): () => void {
    if (root === undefined) return () => undefined;
    this.#watched.set(root, watched);
    this.#timer ??= setInterval(() => this.look(), PERIOD_MS).unref();
    return () => {
      this.#watched.delete(root);
      if (this.#watched.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  look(): void {
    const used = memoryOfTrees(new Set(this.#watched.keys()));
    for (const [root, { limitBytes, onExceeded }] of this.#watched)
      if ((used.get(root) ?? 0) > limitBytes) onExceeded();
  }
}

/** Resident bytes of each root process with all its descendants. */
function memoryOfTrees(roots: Set<number>): Map<number, number> {
  const processes = new Map<number, { parent: number; bytes: number }>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const found = readProcess(pid);
    if (found !== undefined) processes.set(pid, found);
  }
  const used = new Map<number, number>();
  for (const [pid, { bytes }] of processes) {
    let at = pid;
    // A process whose parent has ended belongs to process 1, of a sandbox its own first one.
    while (at > 1 && !roots.has(at)) at = processes.get(at)?.parent ?? 0;
    if (roots.has(at)) used.set(at, (used.get(at) ?? 0) + bytes);
  }
  return used;
}

function readProcess(pid: number): { parent: number; bytes: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // `pid (name) state parent … rss` (proc(5)), and the name may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), bytes: Number(fields[21]) * PAGE_BYTES };
  } catch {
    return undefined;
  }
}
