import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { appRoute, given, read } from '../../lib/routes';
import { type DetailSearch, type ListSearch, sorts, tabs } from './search';

const list = createRoute({
  getParentRoute: () => appRoute,
  path: '/channels',
  validateSearch: (raw): ListSearch =>
    given({
      q: read.text(raw, 'q'),
      sort: read.choice(raw, 'sort', sorts),
      order: read.choice(raw, 'order', ['asc', 'desc']),
      dialog: read.choice(raw, 'dialog', ['create']),
    }),
  component: lazyRouteComponent(() => import('./list/list-page')),
});

const detail = createRoute({
  getParentRoute: () => appRoute,
  path: '/channels/$id',
  validateSearch: (raw): DetailSearch =>
    given({
      tab: read.choice(raw, 'tab', tabs),
      filter: read.text(raw, 'filter'),
      message: read.number(raw, 'message'),
      rule: read.text(raw, 'rule'),
      dialog: read.choice(raw, 'dialog', ['add']),
    }),
  component: lazyRouteComponent(() => import('./detail/detail-page')),
});

export const routes = { app: [list, detail] } as const;
