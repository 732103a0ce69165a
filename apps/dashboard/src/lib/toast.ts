import { useSyncExternalStore } from 'react';

export type ToastKind = 'success' | 'error' | 'warning' | 'info';

export interface Toast {
  kind: ToastKind;
  text: string;
  description: string | undefined;
}

let show: ((toast: Toast) => void) | null = null;
let waiting: Toast[] = [];
let isNeeded = false;
const listeners = new Set<() => void>();

function push(kind: ToastKind, text: string, options?: { description?: string }): void {
  const toast = { kind, text, description: options?.description };
  if (show) {
    show(toast);
    return;
  }
  waiting.push(toast);
  isNeeded = true;
  for (const listener of listeners) listener();
}

/** Tells a result. What shows it is fetched with the first one, so that no page has to wait for it. */
export const toast = {
  success: (text: string, options?: { description?: string }) => push('success', text, options),
  error: (text: string, options?: { description?: string }) => push('error', text, options),
  warning: (text: string, options?: { description?: string }) => push('warning', text, options),
  info: (text: string, options?: { description?: string }) => push('info', text, options),
};

/** Called by what shows toasts, once it is there: it gets those that wait. */
export function connectToasts(next: ((toast: Toast) => void) | null): void {
  show = next;
  if (!next) return;
  for (const each of waiting) next(each);
  waiting = [];
}

/** Whether anything has been told yet. */
export function useToastsNeeded(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isNeeded,
  );
}
