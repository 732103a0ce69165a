import { Outlet } from '@tanstack/react-router';
import { useIsSignedIn } from '../lib/session';
import { PlainPage } from '../ui/plain-page';
import { Shell } from './shell';

/** Around every page behind the sign-in. */
export const AppFrame = () => (
  <Shell>
    <Outlet />
  </Shell>
);

/** Around pages that work either way: with the navigation for who is signed in. */
export function OpenFrame() {
  if (useIsSignedIn()) return <AppFrame />;
  return (
    <PlainPage isBare>
      <Outlet />
    </PlainPage>
  );
}
