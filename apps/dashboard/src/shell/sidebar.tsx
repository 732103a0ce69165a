import { Link } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { paletteKeys } from '../lib/platform';
import { t } from '../strings';
import { Key } from '../ui/badge';
import { Logo } from '../ui/logo';
import { useShellCommands } from './commands';
import { LiveMark } from './live-banner';
import { navigation } from './navigation';
import { UserMenu } from './user-menu';

/** Navigation of wide screens. */
export function Sidebar() {
  const { openPalette } = useShellCommands();
  return (
    <header className="sticky top-0 hidden h-dvh w-56 shrink-0 flex-col border-r border-line bg-card px-3 py-4 md:flex">
      <Link to="/" className="mb-4 flex items-center gap-2.5 rounded-md px-2">
        <Logo />
        <span className="text-lg font-semibold tracking-tight">{t.product}</span>
      </Link>
      <button
        type="button"
        onClick={openPalette}
        aria-keyshortcuts="Control+K Meta+K"
        className="mb-4 flex h-9 items-center gap-2 rounded-md border border-edge px-2.5 text-faint hover:bg-hover hover:text-ink"
      >
        <Search aria-hidden className="size-4" />
        <span className="flex-1 text-left">{t.palette.open}</span>
        <span aria-hidden className="flex gap-0.5">
          {paletteKeys.map((key) => (
            <Key key={key}>{key}</Key>
          ))}
        </span>
      </button>
      <nav aria-label={t.shell.navigation} className="flex flex-1 flex-col gap-0.5 overflow-y-auto">
        {navigation.map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: to === '/', includeSearch: false }}
            className="group flex h-9 items-center gap-2.5 rounded-md px-2.5 font-medium text-soft hover:bg-hover hover:text-ink aria-[current=page]:bg-chosen aria-[current=page]:text-accent-strong"
          >
            <Icon aria-hidden className="size-4.5" />
            {label}
          </Link>
        ))}
      </nav>
      <div className="mt-3 flex flex-col gap-1 border-t border-line pt-3">
        <LiveMark />
        <UserMenu variant="wide" />
      </div>
    </header>
  );
}
