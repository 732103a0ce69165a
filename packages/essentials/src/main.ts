import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Runs a command when its file is what Node.js was started with, also through a link; where it is imported as a library,
 * nothing happens.
 * @param moduleUrl `import.meta.url` of that file
 * @param run given the arguments; resolves to the exit code
 */
export function runAsMain(moduleUrl: string, run: (args: string[]) => Promise<number>): void {
  if (isMain(moduleUrl)) run(process.argv.slice(2)).then((code) => process.exit(code));
}

function isMain(moduleUrl: string): boolean {
  try {
    return realpathSync(process.argv[1] ?? '') === realpathSync(fileURLToPath(moduleUrl));
  } catch {
    return false;
  }
}
