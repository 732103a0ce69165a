import { lazy, Suspense } from 'react';
import { useToastsNeeded } from '../lib/toast';

const Toaster = lazy(() => import('./toaster'));

/** The place of the toasts; its code comes with the first one. */
export function Toasts() {
  return useToastsNeeded() ? (
    <Suspense fallback={null}>
      <Toaster />
    </Suspense>
  ) : null;
}
