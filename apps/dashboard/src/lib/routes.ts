import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, redirect } from '@tanstack/react-router';
import { sessionQuery, setupQuery } from './session';

export interface RouterContext {
  queryClient: QueryClient;
}

/** The root of all pages; what it shows around them is set in `router.tsx`. */
export const rootRoute = createRootRouteWithContext<RouterContext>()();

/** Parent of every page behind the sign-in: sends visitors to the set-up or the sign-in and back again. */
export const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery);
    if (session) return;
    const setup = await context.queryClient.fetchQuery(setupQuery).catch(() => ({ needed: false }));
    if (setup.needed) throw redirect({ to: '/setup' });
    throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } });
  },
});

/** Parent of pages that work with and without a session. */
export const openRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'open',
  beforeLoad: async ({ context }) => {
    await context.queryClient.ensureQueryData(sessionQuery);
  },
});

/** Parent of the pages under Settings; its frame is set in `router.tsx`. */
export const settingsRoute = createRoute({ getParentRoute: () => appRoute, path: 'settings' });

type Raw = Record<string, unknown>;

/** Reads typed values out of an address; what does not fit is left out, so that an old link still opens. */
export const read = {
  text: (raw: Raw, key: string): string | undefined => {
    const value = raw[key];
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return typeof value === 'string' && value !== '' ? value : undefined;
  },
  number: (raw: Raw, key: string): number | undefined => {
    const value = Number(raw[key]);
    return raw[key] !== undefined && Number.isFinite(value) ? value : undefined;
  },
  choice: <const T extends string>(raw: Raw, key: string, choices: readonly T[]): T | undefined =>
    choices.find((choice) => choice === raw[key]),
};

/** An object without its undefined values, as search parameters want it. */
export function given<T extends Raw>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
