import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { readForm } from './body.js';
import { consentPage, errorPage, send, signInPage } from './pages.js';
import { DEMO_SCOPE } from './provider.js';

type Details = Awaited<ReturnType<Provider['interactionDetails']>>;
const noMerge = { mergeWithLastSubmission: false };

/** Sign-in and consent: `GET /interaction/<uid>` shows the page, `POST` takes its buttons. */
export const interactions =
  (provider: Provider) =>
  async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    let details: Details;
    try {
      details = await provider.interactionDetails(request, response);
    } catch {
      const advice = 'Go back to where you came from and open the sign-in link again.';
      return send(response, 400, errorPage('This page has expired', advice));
    }
    if (request.method !== 'POST') return send(response, 200, page(details, path));

    const form = await readForm(request);
    const action = form.get('action');
    if (action === 'deny') {
      const denied = { error: 'access_denied', error_description: 'The user denied access' };
      return provider.interactionFinished(request, response, denied, noMerge);
    }
    if (details.prompt.name === 'login') {
      const accountId = (form.get('user') ?? '').trim().slice(0, 60);
      if (accountId === '') return send(response, 400, signInPage(path, 'Type any name to sign in.'));
      return provider.interactionFinished(request, response, { login: { accountId } }, noMerge);
    }
    return allow(provider, details, request, response);
  };

const page = (details: Details, path: string): string =>
  details.prompt.name === 'login'
    ? signInPage(path)
    : consentPage(path, details.session?.accountId ?? '', redirectHost(details));

const redirectHost = ({ params }: Details): string => {
  const { redirect_uri: uri } = params;
  return typeof uri === 'string' && URL.canParse(uri) ? new URL(uri).host : 'the application';
};

/** Remembers the consent as a grant and lets the authorization request go on. */
const allow = async (
  provider: Provider,
  { params, session, grantId }: Details,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const accountId = session?.accountId;
  const grant =
    known ?? new provider.Grant({ accountId: accountId ?? '', clientId: String(params.client_id) });
  grant.addOIDCScope(`openid offline_access ${DEMO_SCOPE}`);
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
};
