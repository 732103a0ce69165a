import type { ChannelRequest } from '@polyrelay/contract';
import type { ChannelRef } from '../modules/channels/refs.js';
import type { NewChannelMessage } from '../modules/channels/store.js';
import type { TestService } from './service.js';

let made = 0;

/** Makes a channel of the service's first user. */
export async function newChannel(
  service: TestService,
  request: Partial<ChannelRequest> = {},
): Promise<ChannelRef> {
  const { id: userId, email } = await service.app.database.prisma.user.findFirstOrThrow({
    orderBy: { createdAt: 'asc' },
  });
  const principal = {
    userId,
    email,
    role: 'admin' as const,
    kind: 'session' as const,
    credentialId: userId,
    expiresAt: null,
    access: { kind: 'master' as const },
  };
  return service.app.channels.create(principal, { name: `channel ${++made}`, ...request });
}

/** A message of the device `ident`, at `value` seconds, which holds `value`. */
export function message(value: number, ident = 'a'): NewChannelMessage {
  const json = JSON.stringify({ ident, timestamp: value, value });
  return { ident, timestamp: value, json, bytes: Buffer.byteLength(json) };
}
