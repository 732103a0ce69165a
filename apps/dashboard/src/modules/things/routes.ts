import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { appRoute, given, read } from '../../lib/routes';
import { readMessagesSearch } from './messages/search';
import { type DetailSearch, type ListSearch, sorts, statuses, tabs } from './search';

const list = createRoute({
  getParentRoute: () => appRoute,
  path: '/things',
  validateSearch: (raw): ListSearch =>
    given({
      q: read.text(raw, 'q'),
      status: read.choice(raw, 'status', statuses),
      sort: read.choice(raw, 'sort', sorts),
      order: read.choice(raw, 'order', ['asc', 'desc']),
      dialog: read.choice(raw, 'dialog', ['create']),
    }),
  component: lazyRouteComponent(() => import('./list/list-page')),
});

const detail = createRoute({
  getParentRoute: () => appRoute,
  path: '/things/$id',
  validateSearch: (raw): DetailSearch =>
    given({ tab: read.choice(raw, 'tab', tabs), ...readMessagesSearch(raw) }),
  component: lazyRouteComponent(() => import('./detail/detail-page')),
});

export const routes = { app: [list, detail] } as const;
