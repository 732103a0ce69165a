import { CircleCheck, CircleDashed } from 'lucide-react';
import type { ReactNode } from 'react';
import { t } from '../strings';
import { cx } from './cx';

/** One of the first steps, ticked when it is done. */
export function TickStep({
  title,
  isDone,
  children,
}: {
  title: string;
  isDone: boolean;
  children: ReactNode;
}) {
  const Icon = isDone ? CircleCheck : CircleDashed;
  return (
    <li className="flex min-w-0 gap-2.5">
      <Icon aria-hidden className={cx('mt-px size-5 shrink-0', isDone ? 'text-good' : 'text-faint')} />
      <div className="min-w-0 flex-1 text-sm text-soft">
        <h3 className="text-base font-medium text-ink">
          {title}
          {isDone && <span className="sr-only"> {t.ui.stepDone}</span>}
        </h3>
        {children}
      </div>
    </li>
  );
}
