/** A browser without a screen: keeps cookies, follows redirects inside the provider, presses buttons. */
export interface ScriptedBrowser {
  /** Opens a page; ends at the first page or at a redirect that leaves the provider. */
  open(url: string): Promise<Visited>;
  /** Presses a button of the page that is open. */
  press(page: Visited, fields: Record<string, string>): Promise<Visited>;
}

export interface Visited {
  url: string;
  status: number;
  html: string;
  /** Where the provider sends the browser when it leaves: the callback with `code` or `error`. */
  leavesTo?: string;
}

export const scriptedBrowser = (provider: string): ScriptedBrowser => {
  const cookies = new Map<string, string>();
  const visit = async (url: string, init: RequestInit = {}): Promise<Visited> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const location = response.headers.get('location');
    if (location === null) return { url, status: response.status, html: await response.text() };
    const next = new URL(location, url);
    if (next.origin === new URL(provider).origin) return visit(next.href);
    return { url, status: response.status, html: '', leavesTo: next.href };
  };
  return {
    open: (url) => visit(url),
    press: (page, fields) => visit(page.url, { method: 'POST', body: new URLSearchParams(fields) }),
  };
};

/**
 * The whole visit: sign in, answer the consent, come back with the callback's URL. For tests and
 * benches that need no browser.
 */
export const signInAt = async (
  authorizationUrl: string,
  { user = 'demo', answer = 'allow' }: { user?: string; answer?: 'allow' | 'deny' } = {},
): Promise<string> => {
  const browser = scriptedBrowser(authorizationUrl);
  const signIn = await browser.open(authorizationUrl);
  const consent = await browser.press(signIn, { user, action: 'sign-in' });
  const { leavesTo, html } = await browser.press(consent, { action: answer });
  if (leavesTo === undefined)
    throw new Error(`The provider did not send the browser back: ${html.slice(0, 2000)}`);
  return leavesTo;
};
