import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { appRoute, given, read } from '../../lib/routes';
import { type CreateSearch, type DetailSearch, type ListSearch, sorts, statuses, tabs } from './search';

const list = createRoute({
  getParentRoute: () => appRoute,
  path: '/monitors',
  validateSearch: (raw): ListSearch =>
    given({
      q: read.text(raw, 'q'),
      status: read.choice(raw, 'status', statuses),
      sort: read.choice(raw, 'sort', sorts),
      order: read.choice(raw, 'order', ['asc', 'desc']),
    }),
  component: lazyRouteComponent(() => import('./list/list-page')),
});

const create = createRoute({
  getParentRoute: () => appRoute,
  path: '/monitors/new',
  validateSearch: (raw): CreateSearch => given({ topic: read.text(raw, 'topic') }),
  component: lazyRouteComponent(() => import('./create/create-page')),
});

const detail = createRoute({
  getParentRoute: () => appRoute,
  path: '/monitors/$id',
  validateSearch: (raw): DetailSearch =>
    given({
      tab: read.choice(raw, 'tab', tabs),
      block: read.number(raw, 'block'),
      dialog: read.choice(raw, 'dialog', ['replay']),
    }),
  component: lazyRouteComponent(() => import('./detail/detail-page')),
});

export const routes = { app: [list, create, detail] } as const;
