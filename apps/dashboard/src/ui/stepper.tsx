import { ArrowDown, ArrowUp, type LucideIcon } from 'lucide-react';
import { useEffect } from 'react';
import { t } from '../strings';
import { IconButton } from './button';

interface Props<T> {
  /** The one above and the one below, where there is one. */
  newer: T | undefined;
  older: T | undefined;
  onChange: (to: T) => void;
}

/** Goes to the neighbours of what a dialog shows, also with the arrow keys. */
export function Stepper<T>({ newer, older, onChange }: Props<T>) {
  const up = newer === undefined ? undefined : () => onChange(newer);
  const down = older === undefined ? undefined : () => onChange(older);
  useArrowKeys(up, down);
  return (
    <span className="mr-auto flex items-center gap-1">
      <Step icon={ArrowUp} label={t.messages.newer} go={up} />
      <Step icon={ArrowDown} label={t.messages.older} go={down} />
      <span className="ml-1 text-sm text-faint max-sm:hidden">{t.messages.keys}</span>
    </span>
  );
}

const Step = ({ icon, label, go }: { icon: LucideIcon; label: string; go: (() => void) | undefined }) => (
  <IconButton
    icon={icon}
    label={label}
    aria-disabled={go === undefined}
    className="aria-disabled:opacity-40"
    onClick={go}
  />
);

/** Up and down, except where they scroll or choose. */
function useArrowKeys(up: (() => void) | undefined, down: (() => void) | undefined) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isOwn = event.target instanceof Element && event.target.closest('input, section[tabindex]');
      const go = event.key === 'ArrowUp' ? up : event.key === 'ArrowDown' ? down : undefined;
      if (!go || isOwn || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      go();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
}
