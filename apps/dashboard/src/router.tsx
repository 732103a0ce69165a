import { createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { ModulesContext } from './lib/modules-context';
import { queryClient } from './lib/query';
import { appRoute, openRoute, rootRoute, settingsRoute } from './lib/routes';
import { modules } from './modules';
import { routes as access } from './modules/access/routes';
import { routes as backups } from './modules/backups/routes';
import { routes as channels } from './modules/channels/routes';
import { routes as events } from './modules/events/routes';
import { routes as monitors } from './modules/monitors/routes';
import { routes as nodeServers } from './modules/node-servers/routes';
import { routes as oauth } from './modules/oauth/routes';
import { routes as policies } from './modules/policies/routes';
import { routes as store } from './modules/store/routes';
import { routes as system } from './modules/system/routes';
import { routes as things } from './modules/things/routes';
import { NotFound, PageError, PagePending } from './shell/pages';
import { Toasts } from './shell/toasts';
import { Tips } from './ui/tips';

rootRoute.update({
  component: () => (
    <ModulesContext value={modules}>
      <Outlet />
      <Toasts />
      <Tips />
    </ModulesContext>
  ),
});

appRoute.update({ component: lazyRouteComponent(() => import('./shell/frames'), 'AppFrame') });
openRoute.update({ component: lazyRouteComponent(() => import('./shell/frames'), 'OpenFrame') });
settingsRoute.update({
  component: lazyRouteComponent(() => import('./shell/settings-frame'), 'SettingsFrame'),
});

/** Addresses that no page has: told within the frame, so that the navigation stays at hand. */
const nowhere = createRoute({ getParentRoute: () => appRoute, path: '$', component: NotFound });

const routeTree = rootRoute.addChildren([
  ...access.plain,
  openRoute.addChildren([...oauth.open]),
  appRoute.addChildren([
    ...system.app,
    ...nodeServers.app,
    ...things.app,
    ...channels.app,
    ...monitors.app,
    ...store.app,
    ...events.app,
    nowhere,
    settingsRoute.addChildren([
      ...access.settings,
      ...nodeServers.settings,
      ...policies.settings,
      ...backups.settings,
      ...system.settings,
    ]),
  ]),
]);

export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: PageError,
  defaultPendingComponent: PagePending,
  defaultPendingMs: 200,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
