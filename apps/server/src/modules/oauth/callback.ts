import type { FastifyInstance } from 'fastify';
import type { Principal } from '#core/principal.js';
import type { Approvals } from './approvals.js';
import type { CallbackParams, Relay } from './relay.js';
import { takeState, type UsedLink, whyRefused } from './store.js';

const resultPage = (query: Record<string, string>): string => `/oauth/result?${new URLSearchParams(query)}`;

/**
 * Takes a provider's callback: uses the one-time state up, hands the answer to the worker, and says where the
 * browser goes. Nothing of the answer is logged or stored.
 * @param slot of a redirect URI of its own, `/api/oauth/callback/{slot}`, else undefined
 */
export async function takeCallback(
  app: FastifyInstance,
  { relay, approvals }: { relay: Relay; approvals: Approvals },
  browser: { sessionToken: string | undefined; identify(): Promise<Principal | undefined> },
  params: CallbackParams,
  slot: number | undefined,
): Promise<string> {
  const { state } = params;
  if (typeof state !== 'string' || state === '' || (params.code === undefined && params.error === undefined))
    return resultPage({ outcome: 'malformed' });
  const link = await takeState(app.database.pool, state, browser.sessionToken);
  if (link !== undefined) {
    const problem = mixUp(link, params, slot);
    await relay.deliver(
      link,
      problem === undefined ? params : { error: 'mix_up', error_description: problem },
    );
    return resultPage({ id: link.id });
  }
  const refused = await whyRefused(app, state, (await browser.identify())?.userId);
  if (refused !== undefined) return resultPage({ outcome: refused });
  const id = await approvals.ask(state, params, slot);
  return id === undefined ? resultPage({ outcome: 'unknown' }) : resultPage({ id });
}

/** RFC 9700 section 4.4.2: the answer must come to the redirect URI, and from the issuer, that the state was made for. */
export function mixUp(
  link: Pick<UsedLink, 'slot' | 'provider'>,
  params: CallbackParams,
  slot: number | undefined,
): string | undefined {
  if (slot !== undefined && slot !== link.slot)
    return 'The answer came to the redirect URI of another node server';
  if (typeof params.iss !== 'string' || link.provider === null) return undefined;
  if (!URL.canParse(params.iss)) return 'The answer names an issuer that is not a URL';
  return sameSite(new URL(params.iss).host, link.provider)
    ? undefined
    : `The answer comes from ${new URL(params.iss).host}, not from ${link.provider}`;
}

/** Providers may have issuer and sign-in page on neighbouring hosts of one domain. */
function sameSite(a: string, b: string): boolean {
  const domain = (host: string): string => host.replace(/:\d+$/, '').split('.').slice(-2).join('.');
  return a === b || (/[a-z]/i.test(domain(a)) && domain(a).includes('.') && domain(a) === domain(b));
}
