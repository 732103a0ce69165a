import { useEffect, useRef, useSyncExternalStore } from 'react';
import { recall, remember } from './storage';

export type Shortcuts = Record<string, () => void>;

let enabled = recall('shortcuts') !== 'off';
const listeners = new Set<() => void>();

/** Whether single keys do something; people who dictate turn it off. */
export function useShortcutsEnabled(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => enabled,
  );
}

export function setShortcutsEnabled(value: boolean): void {
  enabled = value;
  remember('shortcuts', value ? null : 'off');
  for (const listener of listeners) listener();
}

/** Two keys belong together when they come within this time. */
const SEQUENCE_MS = 1200;
let pending = '';
let pendingAt = 0;
const active = new Set<{ readonly current: Shortcuts }>();

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest('input, textarea, select, [role="combobox"]') !== null);

const isModal = (): boolean =>
  document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null;

/** What a key, alone or after the one before it, is to do. */
function actionFor(key: string): (() => void) | undefined {
  const all = [...active].reverse();
  for (const keys of pending ? [`${pending} ${key}`, key] : [key]) {
    const found = all.find(({ current }) => current[keys]);
    if (found) return found.current[keys];
  }
  return undefined;
}

function onKey(event: KeyboardEvent): void {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && event.key.length === 1;
  if (!enabled || !isPlain || event.defaultPrevented || isTyping(event.target) || isModal()) {
    if (event.key !== 'Shift') pending = '';
    return;
  }
  if (event.timeStamp - pendingAt > SEQUENCE_MS) pending = '';
  const action = actionFor(event.key);
  pending = action ? '' : event.key;
  pendingAt = event.timeStamp;
  if (!action) return;
  event.preventDefault();
  action();
}

/** Runs actions on single keys (`/`) and sequences (`g n`), except while typing or in a dialog. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    if (active.size === 0) window.addEventListener('keydown', onKey);
    active.add(latest);
    return () => {
      active.delete(latest);
      if (active.size === 0) window.removeEventListener('keydown', onKey);
    };
  }, []);
}
