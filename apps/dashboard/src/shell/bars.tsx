import { Link } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { t } from '../strings';
import { IconButton } from '../ui/button';
import { Logo } from '../ui/logo';
import { useShellCommands } from './commands';
import { navigation } from './navigation';
import { UserMenu } from './user-menu';

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

/** Navigation of a phone, within reach of the thumb. */
export function BottomBar() {
  return (
    <nav
      aria-label={t.shell.navigation}
      className="fixed inset-x-0 bottom-0 z-20 grid auto-cols-fr grid-flow-col border-t border-line bg-card/95 pb-[env(safe-area-inset-bottom)] backdrop-blur md:hidden"
    >
      {navigation.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === '/', includeSearch: false }}
          className="flex h-14 min-w-0 flex-col items-center justify-center gap-0.5 px-0.5 text-2xs max-[25rem]:text-[0.625rem] font-medium text-soft outline-offset-[-3px] aria-[current=page]:text-accent-strong"
        >
          <Icon aria-hidden className="size-5" />
          <span className="max-w-full truncate">{label}</span>
        </Link>
      ))}
    </nav>
  );
}
