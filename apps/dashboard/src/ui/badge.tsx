import type { ReactNode } from 'react';
import { cx } from './cx';

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'idle';

const tones: Record<Tone, string> = {
  good: 'bg-good-ground text-good',
  warn: 'bg-warn-ground text-warn',
  bad: 'bg-bad-ground text-bad',
  busy: 'bg-busy-ground text-busy',
  idle: 'bg-idle-ground text-idle',
};

/** A word in its colour, with a dot: filled, ringed or pulsing, so that the colour is never alone. */
export function Badge({
  tone,
  children,
  isMoving,
  isHollow,
  tip,
}: {
  tone: Tone;
  children: ReactNode;
  isMoving?: boolean;
  isHollow?: boolean;
  tip?: string | undefined;
}) {
  return (
    <span
      data-tip={tip}
      className={cx(
        'relative inline-flex h-6 shrink-0 items-center gap-1.5 rounded-full px-2.5 text-xs font-semibold whitespace-nowrap',
        tones[tone],
      )}
    >
      <span
        aria-hidden
        className={cx(
          'size-1.5 rounded-full',
          isHollow ? 'ring-[1.5px] ring-current' : 'bg-current',
          isMoving && 'animate-pulse',
        )}
      />
      {children}
    </span>
  );
}

/** A small figure or word without a dot. */
export function Chip({ children, tone = 'idle', tip }: { children: ReactNode; tone?: Tone; tip?: string }) {
  return (
    <span
      data-tip={tip}
      className={cx(
        'inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap',
        tones[tone],
      )}
    >
      {children}
    </span>
  );
}

/** A key of the keyboard. */
export const Key = ({ children }: { children: ReactNode }) => (
  <kbd className="inline-grid h-5 min-w-5 place-items-center rounded-sm border border-edge bg-card px-1 font-sans text-2xs font-medium text-soft">
    {children}
  </kbd>
);
