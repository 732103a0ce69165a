import { type CSSProperties, useEffect } from 'react';
import { Toaster as Sonner, toast as sonner } from 'sonner';
import { useIsDark } from '../lib/theme';
import { connectToasts } from '../lib/toast';
import { t } from '../strings';

/** The toasts' colours are the dashboard's tokens. */
const colors = {
  '--normal-bg': 'var(--color-raised)',
  '--normal-text': 'var(--color-ink)',
  '--normal-border': 'var(--color-edge)',
  '--border-radius': 'var(--radius-lg)',
} as CSSProperties;

/** Where results are told; above the bottom bar of a phone. */
export default function Toaster() {
  const isDark = useIsDark();
  useEffect(() => {
    connectToasts(({ kind, text, description }) => sonner[kind](text, { description }));
    return () => connectToasts(null);
  }, []);
  return (
    <Sonner
      theme={isDark ? 'dark' : 'light'}
      position="bottom-right"
      containerAriaLabel={t.shell.toasts}
      closeButton
      style={colors}
      mobileOffset={{ bottom: 76 }}
      toastOptions={{ closeButtonAriaLabel: t.ui.close }}
    />
  );
}
