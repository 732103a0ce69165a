import { basename, extname, relative } from 'node:path';
import { watch as watchFiles } from 'chokidar';

/** An editor saves several files, or one in several steps. */
const SETTLE_MS = 200;

/** What makes the program another one; databases and logs it writes itself do not. */
const EXTENSIONS = new Set('.js .mjs .cjs .ts .mts .cts .py .json .xml .txt .sh .toml .yaml .yml'.split(' '));

const SKIPPED = new Set([
  'node_modules',
  '.git',
  'venv',
  '.venv',
  '__pycache__',
  'logs',
  'package-lock.json',
]);

export interface Watcher {
  /** Resolves with the name of the next file that changes, when it has been quiet for a moment. */
  changed(): Promise<string>;
  close(): Promise<void>;
}

/** Watches a node server's folder. Resolves when the watching stands. */
export async function watchFolder(folder: string, ignore: string[]): Promise<Watcher> {
  const skipped = new Set([...SKIPPED, ...ignore.map((name) => name.replace(/^\.\/|\/$/g, ''))]);
  const watcher = watchFiles(folder, {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (path, stats) =>
      path !== folder &&
      (skipped.has(basename(path)) ||
        skipped.has(relative(folder, path)) ||
        (stats?.isFile() === true && !EXTENSIONS.has(extname(path)))),
  });
  let waiting: ((name: string) => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  watcher.on('all', (_event, path) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const resolve of waiting) resolve(relative(folder, path));
      waiting = [];
    }, SETTLE_MS);
  });
  // A folder that cannot be read: the rest is watched.
  watcher.on('error', () => undefined);
  await new Promise<void>((resolve) => watcher.once('ready', resolve));
  return {
    changed: () => new Promise((resolve) => waiting.push(resolve)),
    close: () => {
      clearTimeout(timer);
      return watcher.close();
    },
  };
}
