import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { settingsRoute } from '../../lib/routes';

const list = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'backups',
  component: lazyRouteComponent(() => import('./backups-page')),
});

export const routes = { settings: [list] } as const;
