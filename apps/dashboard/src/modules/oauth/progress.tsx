import type { OAuthOutcome } from '@polyrelay/contract';
import { Check, LoaderCircle } from 'lucide-react';
import { t } from '../../strings';
import { cx } from '../../ui/cx';

/** The way of an answer, and at which step each outcome stands. */
const steps = ['answered', 'delivered', 'linked'] as const;
const stepOf: Partial<Record<OAuthOutcome, number>> = { started: 0, waiting: 1, delivered: 2, linked: 3 };

/** How far the answer has come on its way: provider → service → worker → linked. */
export function Progress({ outcome }: { outcome: OAuthOutcome }) {
  const at = stepOf[outcome] ?? 0;
  return (
    <ol aria-label={t.oauth.progress} className="mt-5 flex flex-col gap-2.5">
      {steps.map((step, index) => {
        const isDone = index < at;
        const isNow = index === at && !isDone;
        return (
          <li
            key={step}
            aria-current={isNow ? 'step' : undefined}
            className={cx('flex items-center gap-3', !isDone && !isNow && 'text-faint')}
          >
            <span
              className={cx(
                'grid size-6 shrink-0 place-items-center rounded-full border',
                isDone
                  ? 'border-transparent bg-good-ground text-good'
                  : isNow
                    ? 'border-transparent bg-busy-ground text-busy'
                    : 'border-edge',
              )}
            >
              {isDone ? (
                <Check aria-hidden className="size-3.5" />
              ) : isNow ? (
                <LoaderCircle aria-hidden className="size-3.5 animate-spin" />
              ) : null}
            </span>
            <span className={cx(isNow && 'font-medium')}>
              {t.oauth.steps[step]}
              <span className="sr-only">
                {' '}
                {isDone ? t.oauth.stepDone : isNow ? t.oauth.stepNow : t.oauth.stepOpen}
              </span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}
