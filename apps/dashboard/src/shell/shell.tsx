import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import { useShortcuts } from '../lib/shortcuts';
import { setTheme, useIsDark } from '../lib/theme';
import { useLive } from '../lib/use-live';
import { modules } from '../modules';
import { t } from '../strings';
import { BottomBar, TopBar } from './bars';
import { ShellContext } from './commands';
import { LiveBanner } from './live-banner';
import { navigation } from './navigation';
import { Sidebar } from './sidebar';

const Palette = lazy(() => import('./palette').then(({ Palette }) => ({ default: Palette })));
const HelpDialog = lazy(() => import('./help-dialog').then(({ HelpDialog }) => ({ default: HelpDialog })));

const topics = modules.flatMap((module) => module.topics ?? []);
const keeps = modules.flatMap((module) => module.keeps ?? []);

/** The frame of every page behind the sign-in. */
export function Shell({ children }: { children: ReactNode }) {
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const client = useQueryClient();
  useLive(topics, {
    keeps,
    onEvents: (events) => {
      for (const module of modules) module.onEvents?.(events, client);
    },
  });
  useShellKeys(setPaletteOpen, setHelpOpen);
  const commands = useMemo(
    () => ({ openPalette: () => setPaletteOpen(true), openHelp: () => setHelpOpen(true) }),
    [],
  );
  return (
    <ShellContext value={commands}>
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-md bg-accent-fill px-3 py-2 font-medium text-on-accent focus:translate-y-0"
      >
        {t.shell.skip}
      </a>
      <div className="flex min-h-dvh">
        <Sidebar />
        <div className="flex min-w-0 flex-1 flex-col">
          <TopBar />
          <main
            id="main"
            tabIndex={-1}
            className="mx-auto w-full max-w-6xl flex-1 px-4 pt-5 pb-24 outline-none sm:px-6 md:pt-7 md:pb-12 lg:px-8"
          >
            {children}
          </main>
        </div>
        <BottomBar />
      </div>
      <LiveBanner />
      <Suspense fallback={null}>
        {isPaletteOpen && <Palette isOpen onClose={() => setPaletteOpen(false)} />}
        {isHelpOpen && <HelpDialog isOpen onClose={() => setHelpOpen(false)} />}
      </Suspense>
    </ShellContext>
  );
}

function useShellKeys(
  setPaletteOpen: (change: (isOpen: boolean) => boolean) => void,
  setHelpOpen: (isOpen: boolean) => void,
): void {
  const navigate = useNavigate();
  const isDark = useIsDark();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (
        !(event.ctrlKey || event.metaKey) ||
        event.shiftKey ||
        event.altKey ||
        event.key.toLowerCase() !== 'k'
      )
        return;
      event.preventDefault();
      setPaletteOpen((isOpen) => !isOpen);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [setPaletteOpen]);
  const places = Object.fromEntries(
    navigation.map(({ key, to }) => [`g ${key}`, () => void navigate({ to })]),
  );
  useShortcuts({
    ...places,
    '?': () => setHelpOpen(true),
    '/': () => document.querySelector<HTMLElement>('[data-search]')?.focus(),
    a: () => void navigate({ to: '/node-servers/new' }),
    t: () => setTheme(isDark ? 'light' : 'dark'),
    j: () => moveInList(1),
    k: () => moveInList(-1),
  });
}

/** Focuses the next or previous entry of the page's list. */
function moveInList(by: 1 | -1): void {
  const items = [...document.querySelectorAll<HTMLElement>('[data-list-item]')];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = items[at === -1 ? (by === 1 ? 0 : items.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
