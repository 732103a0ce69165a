import { ChevronsUpDown } from 'lucide-react';
import { lazy } from 'react';
import { useUser } from '../lib/session';
import { t } from '../strings';
import { LazyMenu } from '../ui/lazy-menu';

const UserMenuItems = lazy(() => import('./user-menu-items'));

/** Who is signed in; opens a menu with theme, keys and sign out. */
export function UserMenu({ variant }: { variant: 'wide' | 'small' }) {
  const user = useUser();
  const name = user.name || user.email;
  const face = (
    <span
      aria-hidden
      data-letter={name.slice(0, 1)}
      className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-ground text-xs font-semibold text-accent-strong uppercase before:content-[attr(data-letter)]"
    />
  );
  const trigger =
    variant === 'wide' ? (
      <button
        type="button"
        className="flex h-11 items-center gap-2.5 rounded-md px-2 text-left hover:bg-hover"
      >
        {face}
        <span className="min-w-0 flex-1 truncate font-medium">
          <span className="sr-only">{t.shell.userMenu} </span>
          {name}
        </span>
        <ChevronsUpDown aria-hidden className="size-4 text-faint" />
      </button>
    ) : (
      <button
        type="button"
        aria-label={`${t.shell.userMenu} ${name}`}
        className="grid size-10 place-items-center rounded-md"
      >
        {face}
      </button>
    );
  return (
    <LazyMenu trigger={trigger}>
      {(button) => <UserMenuItems trigger={button} align={variant === 'wide' ? 'start' : 'end'} />}
    </LazyMenu>
  );
}
