import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { settingsRoute } from '../../lib/routes';

const usage = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'usage',
  component: lazyRouteComponent(() => import('./usage-page')),
});

const policies = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'policies',
  component: lazyRouteComponent(() => import('./policies-page')),
});

export const routes = { settings: [usage, policies] } as const;
