import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { appRoute, given, read } from '../../lib/routes';

const events = createRoute({
  getParentRoute: () => appRoute,
  path: '/events',
  validateSearch: (raw): { topic?: string } => given({ topic: read.text(raw, 'topic') }),
  component: lazyRouteComponent(() => import('./events-page')),
});

export const routes = { app: [events] } as const;
