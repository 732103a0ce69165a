import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { appRoute, given, read, settingsRoute } from '../../lib/routes';
import { groups, type ListSearch, sorts } from './list/filter';
import { type DetailSearch, levels, ranges, tabs } from './search';

const list = createRoute({
  getParentRoute: () => appRoute,
  path: '/node-servers',
  validateSearch: (raw): ListSearch =>
    given({
      q: read.text(raw, 'q'),
      state: read.choice(raw, 'state', groups),
      sort: read.choice(raw, 'sort', sorts),
    }),
  component: lazyRouteComponent(() => import('./list/list-page')),
});

const register = createRoute({
  getParentRoute: () => appRoute,
  path: '/node-servers/new',
  component: lazyRouteComponent(() => import('./register/register-page')),
});

const detail = createRoute({
  getParentRoute: () => appRoute,
  path: '/node-servers/$id',
  validateSearch: (raw): DetailSearch =>
    given({
      tab: read.choice(raw, 'tab', tabs),
      q: read.text(raw, 'q'),
      node: read.text(raw, 'node'),
      plot: read.text(raw, 'plot'),
      compare: read.text(raw, 'compare'),
      range: read.choice(raw, 'range', ranges),
      level: read.choice(raw, 'level', levels),
      text: read.text(raw, 'text'),
      line: read.number(raw, 'line'),
    }),
  component: lazyRouteComponent(() => import('./detail/detail-page')),
});

const controllers = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'controllers',
  component: lazyRouteComponent(() => import('./controllers/controllers-page')),
});

export const routes = { app: [list, register, detail], settings: [controllers] } as const;
