import { stat } from 'node:fs/promises';
import type { RuntimeName, Source } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import { isAdmin, type Principal } from '#core/principal.js';

/** Whether a program can be run from a source, as far as that shows at once. @throws DomainError with what to do instead */
export async function checkSource(
  app: FastifyInstance,
  principal: Principal,
  runtime: RuntimeName,
  source: Source | undefined,
): Promise<void> {
  app.nodeServers.runtimes.check(runtime);
  if (runtime !== 'local' && source === undefined)
    throw refused(
      'noSource',
      'source',
      'Say where the program is: {"git": "https://…"}, {"folder": "…"} or a zip. Or choose the runtime “local” and run it yourself.',
    );
  if (source === undefined || !('folder' in source)) return;
  if (!isAdmin(principal)) {
    const message =
      'Only an admin may run programs from a folder of the server. Upload a zip, or give a git URL.';
    throw new DomainError('forbidden', 'folderNotAllowed', message, {
      errors: [{ path: 'source.folder', message }],
    });
  }
  const found = await stat(source.folder).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw refused('noFolder', 'source.folder', `There is no folder ${source.folder} on the server.`);
}

const refused = (code: string, path: string, message: string): DomainError =>
  new DomainError('invalid', code, message, { errors: [{ path, message }] });
