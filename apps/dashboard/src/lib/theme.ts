import { useSyncExternalStore } from 'react';
import { recall, remember } from './storage';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

let current: Theme = readTheme();
const listeners = new Set<() => void>();

function readTheme(): Theme {
  const stored = recall('theme');
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Chooses the theme, here and for the next visit (`theme.js` applies it before the first paint). */
export function setTheme(theme: Theme): void {
  current = theme;
  remember('theme', theme === 'system' ? null : theme);
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  listeners.add(listener);
  system.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener('change', listener);
  };
}

/** The chosen theme. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, () => current);
}

/** Whether dark is what is shown now, for what is drawn on a canvas. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, () =>
    current === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : current === 'dark',
  );
}
