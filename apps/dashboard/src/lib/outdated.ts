const KEY = 'polyrelay.reloaded';
/** Within this time a second failure is not cured by loading again. */
const AGAIN_MS = 60_000;
/** How often a service that is away is asked whether it is back. */
const ASK_AGAIN_MS = 1000;

/**
 * After an update of the service, an open page asks for parts that are no longer there: loads the page
 * anew, once, so that it gets the new ones.
 */
export function reloadWhenOutdated(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Date.now() - last < AGAIN_MS) return;
    event.preventDefault();
    void whenReachable().then(() => {
      sessionStorage.setItem(KEY, String(Date.now()));
      location.reload();
    });
  });
}

/** A part is missing also while the service is away: a page that loads then is the browser's own, and never heals. */
async function whenReachable(): Promise<void> {
  for (;;) {
    const answer = await fetch('/api/health').catch(() => undefined);
    if (answer !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}
