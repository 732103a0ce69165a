import { CircleAlert, Info, type LucideIcon, TriangleAlert, X } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { t } from '../strings';
import { IconButton } from './button';
import { cx } from './cx';

export type BannerTone = 'bad' | 'warn' | 'info';

const looks: Record<BannerTone, { icon: LucideIcon; box: string; sign: string }> = {
  bad: { icon: CircleAlert, box: 'border-bad/50 bg-bad-ground', sign: 'text-bad' },
  warn: { icon: TriangleAlert, box: 'border-warn/50 bg-warn-ground', sign: 'text-warn' },
  info: { icon: Info, box: 'border-edge bg-card', sign: 'text-accent' },
};

interface Props {
  tone: BannerTone;
  title: string;
  /** What happened, and what to do. */
  children?: ReactNode;
  actions?: ReactNode;
  /** When given, it can be put away. */
  onClose?: () => void;
}

/** Something about the whole page that should be seen first: what it is, and what to do about it. */
export function Banner({ tone, title, children, actions, onClose }: Props) {
  const id = useId();
  const { icon: Icon, box, sign } = looks[tone];
  return (
    <section aria-labelledby={id} className={cx('flex items-start gap-3 rounded-lg border px-4 py-3', box)}>
      <Icon aria-hidden className={cx('mt-px size-5 shrink-0', sign)} />
      <div className="min-w-0 flex-1">
        <h2 id={id} className={cx('font-semibold', tone !== 'info' && sign)}>
          {title}
        </h2>
        {children && <div className="mt-0.5 flex max-w-3xl flex-col gap-1 wrap-anywhere">{children}</div>}
        {actions && <div className="mt-2.5 flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {onClose && (
        <IconButton icon={X} size="sm" label={t.ui.dismiss} onClick={onClose} className="-mt-0.5 -mr-1.5" />
      )}
    </section>
  );
}
