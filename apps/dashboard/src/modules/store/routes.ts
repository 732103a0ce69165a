import { EntryLanguage } from '@polyrelay/contract';
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { appRoute, given, read } from '../../lib/routes';
import type { StoreSearch } from './queries';

const store = createRoute({
  getParentRoute: () => appRoute,
  path: '/store',
  validateSearch: (raw): StoreSearch =>
    given({
      q: read.text(raw, 'q'),
      language: read.choice(raw, 'language', EntryLanguage.options),
      entry: read.text(raw, 'entry'),
    }),
  component: lazyRouteComponent(() => import('./store-page')),
});

export const routes = { app: [store] } as const;
