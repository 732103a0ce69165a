import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { appRoute, settingsRoute } from '../../lib/routes';

const overview = createRoute({
  getParentRoute: () => appRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./overview-page')),
});

const about = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'about',
  component: lazyRouteComponent(() => import('./about-page')),
});

export const routes = { app: [overview], settings: [about] } as const;
