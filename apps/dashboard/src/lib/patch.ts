import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query';
import type { Page } from './api';

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

/**
 * Changes rows of cached lists where they stand: they are put in order when the list is next fetched, not under the
 * pointer. `change` gives null for a row that is gone, and the same object where nothing changes.
 */
export function patchPages<T>(client: QueryClient, queryKey: QueryKey, change: (item: T) => T | null): void {
  client.setQueriesData<InfiniteData<Page<T>>>({ queryKey }, (data) => {
    if (!data) return data;
    const pages = data.pages.map((page) => {
      const items = page.items.map(change);
      if (items.every((item, at) => item === page.items[at])) return page;
      return { ...page, items: items.filter((item) => item !== null) };
    });
    return pages.every((page, at) => page === data.pages[at]) ? data : { ...data, pages };
  });
}
