import type { QueryClient, QueryKey } from '@tanstack/react-query';

/** The fields of a change that the cached object has: an event may carry more. */
export function known<T extends object>(cached: T, change: object): Partial<T> {
  return Object.fromEntries(Object.entries(change).filter(([key]) => key in cached)) as Partial<T>;
}

const SOON_MS = 300;
const planned = new Set<string>();

/** Fetches again after a moment, once however often it is asked for: events come in storms. */
export function refetchSoon(client: QueryClient, queryKey: QueryKey, ms = SOON_MS): void {
  const key = JSON.stringify(queryKey);
  if (planned.has(key)) return;
  planned.add(key);
  setTimeout(() => {
    planned.delete(key);
    void client.invalidateQueries({ queryKey });
  }, ms);
}
