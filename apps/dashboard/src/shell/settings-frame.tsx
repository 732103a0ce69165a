import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useUser } from '../lib/session';
import { t } from '../strings';
import { settingsPages } from './navigation';

/** Pages of Settings with their own list beside them; on a phone the list is a row above. */
export function SettingsFrame() {
  const isAdmin = useUser().role === 'admin';
  const list = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each page, its entry comes into sight
  useEffect(() => {
    const chosen = list.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (chosen && list.current) list.current.scrollLeft = chosen.offsetLeft - list.current.clientWidth / 3;
  }, [pathname]);
  return (
    <div className="flex flex-col gap-5 lg:flex-row lg:gap-10">
      <nav
        ref={list}
        aria-label={t.settings.title}
        className="no-bar relative -mx-4 flex shrink-0 gap-1 overflow-x-auto border-b border-line px-4 pb-2 lg:mx-0 lg:w-44 lg:flex-col lg:border-0 lg:px-0 lg:pt-12"
      >
        {settingsPages
          .filter((page) => isAdmin || !page.adminOnly)
          .map(({ to, label, icon: Icon }) => (
            <Link
              key={to}
              to={to}
              activeOptions={{ includeSearch: false }}
              className="flex h-9 shrink-0 items-center gap-2 rounded-md px-2.5 font-medium text-soft outline-offset-[-2px] hover:bg-hover hover:text-ink aria-[current=page]:bg-chosen aria-[current=page]:text-accent-strong"
            >
              <Icon aria-hidden className="size-4" />
              {label}
            </Link>
          ))}
      </nav>
      <div className="min-w-0 flex-1">
        <Outlet />
      </div>
    </div>
  );
}
