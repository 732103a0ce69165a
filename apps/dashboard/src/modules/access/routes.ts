import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { given, read, rootRoute, settingsRoute } from '../../lib/routes';
import { sessionQuery } from '../../lib/session';
import { safeNext } from './next';

const setup = createRoute({
  getParentRoute: () => rootRoute,
  path: '/setup',
  validateSearch: (raw): { token?: string } => given({ token: read.text(raw, 'token') }),
  component: lazyRouteComponent(() => import('./setup-page')),
});

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (raw): { next?: string; error?: string } =>
    given({ next: read.text(raw, 'next'), error: read.text(raw, 'error') }),
  beforeLoad: async ({ context, search }) => {
    if (await context.queryClient.ensureQueryData(sessionQuery).catch(() => null))
      throw redirect({ href: safeNext(search.next), reloadDocument: true });
  },
  component: lazyRouteComponent(() => import('./sign-in-page')),
});

const settingsHome = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/settings/account' });
  },
});

const account = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'account',
  component: lazyRouteComponent(() => import('./account-page')),
});

const tokens = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'access-tokens',
  component: lazyRouteComponent(() => import('./tokens-page')),
});

const users = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'users',
  component: lazyRouteComponent(() => import('./users-page')),
});

const audit = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'audit',
  component: lazyRouteComponent(() => import('./audit-page')),
});

export const routes = {
  plain: [setup, signIn],
  settings: [settingsHome, account, tokens, users, audit],
} as const;
