import type { ChannelRequest } from '@polyrelay/contract';
import type { ChannelRef } from '../modules/channels/refs.js';
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
  };
  return service.app.channels.create(principal, { name: `channel ${++made}`, ...request });
}
