import type { InstallStep } from '@polyrelay/contract';
import { Check, LoaderCircle, X } from 'lucide-react';
import { stepTime } from '../../../lib/format';
import { t } from '../../../strings';
import { cx } from '../../../ui/cx';
import { Stopwatch } from '../../../ui/time';
import { lengthOf } from './release';

const looks = {
  running: { icon: LoaderCircle, tone: 'text-busy animate-spin' },
  done: { icon: Check, tone: 'text-good' },
  failed: { icon: X, tone: 'text-bad' },
} as const;

/** The steps of an installation: how each stands and how long it took; the failed one with its reason. */
export function Steps({ steps, reason = '' }: { steps: readonly InstallStep[]; reason?: string }) {
  return (
    <ol aria-label={t.installation.steps} className="flex flex-col gap-1.5">
      {steps.map((step) => (
        <Step key={step.startedAt + step.name} step={step} reason={step.state === 'failed' ? reason : ''} />
      ))}
    </ol>
  );
}

function Step({ step, reason }: { step: InstallStep; reason: string }) {
  const { name, state, startedAt } = step;
  const { icon: Icon, tone } = looks[state];
  const took = lengthOf(step);
  return (
    <li className="flex items-start gap-2.5">
      <Icon aria-hidden className={cx('mt-0.5 size-4 shrink-0', tone)} />
      <span className="min-w-0 flex-1 wrap-anywhere">
        <span className={cx(state === 'failed' && 'font-medium text-bad')}>{name}</span>
        <span className="sr-only"> ({t.installation.stepStates[state]})</span>
        {reason && <span className="block text-bad">{reason}</span>}
      </span>
      <span className="shrink-0 text-sm text-soft">
        {took === null ? <Stopwatch since={Date.parse(startedAt)} /> : stepTime(took)}
      </span>
    </li>
  );
}
