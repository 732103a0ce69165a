const KEY = 'polyrelay.reloaded';
/** Within this time a second failure is not cured by loading again. */
const AGAIN_MS = 60_000;

/**
 * After an update of the service, an open page asks for parts that are no longer there: loads the page
 * anew, once, so that it gets the new ones.
 */
export function reloadWhenOutdated(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Date.now() - last < AGAIN_MS) return;
    event.preventDefault();
    sessionStorage.setItem(KEY, String(Date.now()));
    location.reload();
  });
}
