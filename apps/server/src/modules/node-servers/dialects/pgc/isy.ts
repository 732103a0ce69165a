import { IsyRequests } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';
import type { Context } from '../../context.js';
import type { NodeServerRef } from '../../refs.js';

const describe = (key: string, issues: { path: PropertyKey[]; message: string }[]): string =>
  issues.map((issue) => `${[key, ...issue.path].join('.')}: ${issue.message}`).join('; ');

/** Requests on `<stage>/isy`: profile files, and answers to commands that carried a request id. */
export async function handleIsy(
  context: Context,
  ref: NodeServerRef,
  key: string,
  value: unknown,
): Promise<void> {
  const { app } = context;
  if (key === 'uploadProfile') {
    const parsed = IsyRequests.uploadProfile.safeParse(value);
    if (!parsed.success) throw new DomainError('invalid', 'badPayload', describe(key, parsed.error.issues));
    const { type, filename, payload } = parsed.data;
    await app.profiles.store({
      nodeServerId: ref.id,
      ownerId: ref.ownerId,
      type,
      filename,
      content: Buffer.from(payload, 'base64'),
    });
    return;
  }
  if (key === 'report') {
    const parsed = IsyRequests.report.safeParse(value);
    if (!parsed.success) throw new DomainError('invalid', 'badPayload', describe(key, parsed.error.issues));
    const { requestId, success } = parsed.data;
    await app.events.transaction(async (_tx, record) => {
      record({
        topic: `nodeServers/${ref.id}/reports/${encodeURIComponent(requestId)}`,
        operation: 'INSERTION',
        ownerId: ref.ownerId,
        payload: { success },
      });
    });
    return;
  }
  throw new DomainError(
    'invalid',
    'unknownCommand',
    `“${key}” is not a request for the controller. Known are: ${Object.keys(IsyRequests).join(', ')}.`,
  );
}
