import type { FastifyInstance } from 'fastify';
import { DomainError, notFound } from '#core/errors.js';
import type { Principal } from '#core/principal.js';
import { hashToken, newToken } from '#core/secrets/tokens.js';

/** How long a person may take at the provider. */
const STATE_MS = 15 * 60_000;

/**
 * Begins a sign-in: makes a one-time state of the service's own, bound to this browser session, in place of the
 * worker id (RFC 9700 section 4.7.1). @returns the provider's address
 */
export async function startSignIn(
  app: FastifyInstance,
  principal: Principal,
  nodeServerId: string,
  noticeKey: string,
): Promise<string> {
  if (principal.kind !== 'session') {
    throw new DomainError(
      'forbidden',
      'browserNeeded',
      'A sign-in begins in a browser in which you are signed in here: open the link on the dashboard.',
    );
  }
  const nodeServer = await app.nodeServers.find(principal, nodeServerId);
  const link = await app.nodeServers.signInLink(nodeServer, noticeKey);
  if (link === undefined) throw notFound('A notice with a sign-in link');
  const url = new URL(link);
  await refuseMixUp(app, nodeServer, url);
  const state = newToken();
  await app.database.prisma.oAuthLink.create({
    data: {
      nodeServerId: nodeServer.id,
      stateHash: hashToken(state),
      sessionId: principal.credentialId,
      userId: principal.userId,
      noticeKey,
      provider: url.host,
      expiresAt: new Date(Date.now() + STATE_MS),
    },
  });
  url.searchParams.set('state', state);
  return url.href;
}

/**
 * A worker must not lead the user to another node server's provider account (mix-up, RFC 9700 section 4.4): where a
 * provider is configured the link must go there, and the client of another node server is never taken.
 */
async function refuseMixUp(
  app: FastifyInstance,
  nodeServer: { id: string; name: string; oauth: { url: string; clientId: string } | undefined },
  link: URL,
): Promise<void> {
  const clientId = link.searchParams.get('client_id') ?? '';
  const { oauth } = nodeServer;
  if (oauth !== undefined) {
    const configured = new URL(oauth.url);
    const same =
      configured.origin === link.origin &&
      configured.pathname === link.pathname &&
      (clientId === '' || clientId === (configured.searchParams.get('client_id') ?? oauth.clientId));
    if (same) return;
    const message = `The link in this notice goes to ${link.host}${link.pathname}, not to the provider that is configured for “${nodeServer.name}” (${configured.host}). Correct the provider in its settings, or do not trust this node server.`;
    throw new DomainError('forbidden', 'otherProvider', message);
  }
  if (clientId !== '' && (await app.nodeServers.isForeignClient(nodeServer.id, clientId))) {
    const message = `The link in this notice uses the provider account of another of your node servers. “${nodeServer.name}” must have its own: set its provider in its settings.`;
    throw new DomainError('forbidden', 'foreignClient', message);
  }
}
