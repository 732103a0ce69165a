/** A way through the service itself, such as a notice's sign-in link, that the browser has to take. */
export const isServiceLink = (next: string): boolean => next.startsWith('/api/oauth/');

/** Where to go after signing in: a page of this dashboard, never another site (`//elsewhere`). */
export function safeNext(next: string | undefined): string {
  if (!next) return '/';
  const base = 'http://dashboard.invalid';
  try {
    const url = new URL(next, base);
    if (url.origin !== base || url.pathname.startsWith('/sign-in')) return '/';
    return `${url.pathname}${url.search}${url.hash}`;
  } catch {
    return '/';
  }
}
