import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { given, openRoute, read } from '../../lib/routes';

const result = createRoute({
  getParentRoute: () => openRoute,
  path: '/oauth/result',
  validateSearch: (raw): { id?: string; outcome?: string } =>
    given({ id: read.text(raw, 'id'), outcome: read.text(raw, 'outcome') }),
  component: lazyRouteComponent(() => import('./result-page')),
});

export const routes = { open: [result] } as const;
