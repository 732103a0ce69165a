import { Link, useLocation } from '@tanstack/react-router';
import { Ellipsis, Search } from 'lucide-react';
import { lazy } from 'react';
import { t } from '../strings';
import { IconButton } from '../ui/button';
import { LazyMenu } from '../ui/lazy-menu';
import { Logo } from '../ui/logo';
import { useShellCommands } from './commands';
import { atHand, underMore } from './navigation';
import { UserMenu } from './user-menu';

const MoreItems = lazy(() => import('./more-items'));

/** Top of a phone: the sign of the product, search, and the user's menu. */
export function TopBar() {
  const { openPalette } = useShellCommands();
  return (
    <header className="sticky top-0 z-20 flex h-13 items-center justify-between border-b border-line bg-card/95 px-4 backdrop-blur md:hidden">
      <Link to="/" className="flex items-center gap-2 rounded-md">
        <Logo className="size-6.5" />
        <span className="font-semibold tracking-tight">{t.product}</span>
      </Link>
      <div className="-mr-2 flex items-center">
        <IconButton icon={Search} label={t.palette.open} onClick={openPalette} />
        <UserMenu variant="small" />
      </div>
    </header>
  );
}

const place =
  'flex h-14 min-w-0 flex-col items-center justify-center gap-0.5 px-0.5 text-2xs max-[25rem]:text-[0.625rem] font-medium text-soft outline-offset-[-3px] aria-[current=page]:text-accent-strong';

/** Navigation of a phone, within reach of the thumb: the few places that all names fit, the others under “More”. */
export function BottomBar() {
  return (
    <nav
      aria-label={t.shell.navigation}
      className="fixed inset-x-0 bottom-0 z-20 grid auto-cols-fr grid-flow-col border-t border-line bg-card/95 pb-[env(safe-area-inset-bottom)] backdrop-blur md:hidden"
    >
      {atHand.map(({ to, label, icon: Icon }) => (
        <Link key={to} to={to} activeOptions={{ exact: to === '/', includeSearch: false }} className={place}>
          <Icon aria-hidden className="size-5" />
          <span className="max-w-full truncate">{label}</span>
        </Link>
      ))}
      <More />
    </nav>
  );
}

function More() {
  const path = useLocation({ select: ({ pathname }) => pathname });
  const isHere = underMore.some(({ to }) => path === to || path.startsWith(`${to}/`));
  return (
    <LazyMenu
      trigger={
        <button type="button" aria-current={isHere ? 'page' : undefined} className={place}>
          <Ellipsis aria-hidden className="size-5" />
          {t.shell.more}
        </button>
      }
    >
      {(button) => <MoreItems trigger={button} />}
    </LazyMenu>
  );
}
