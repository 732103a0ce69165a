import type { Thing } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleDashed } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../../strings';
import { CodeBlock } from '../../../ui/code-block';
import { CopyButton } from '../../../ui/copy';
import { cx } from '../../../ui/cx';
import { TickStep } from '../../../ui/tick-step';
import { RelativeTime } from '../../../ui/time';
import { distributionQuery } from '../queries';
import { bootstrapCommands } from '../sdk/commands';

/** What is left to do until the thing is verified; each step is ticked as the service sees it done. */
export function FirstSteps({ thing }: { thing: Thing }) {
  // Whoever watched it being verified sees the last tick, not the panel vanish.
  const [wasNew] = useState(thing.status === 'created');
  const { data } = useQuery({ ...distributionQuery(thing.id), enabled: wasNew });
  if (!wasNew || !thing.enabled) return null;
  const { collectedAt, publishedAt } = thing.bootstrap;
  const hasRun = collectedAt !== null || publishedAt !== null || thing.lastSeenAt !== null;
  const isVerified = thing.status === 'verified';
  const command = bootstrapCommands(data?.filename ?? `${thing.name}.zip`, thing.name);
  return (
    <section aria-labelledby="first-steps" className="rounded-lg border border-edge bg-card p-4 shadow-card">
      <h2 id="first-steps" className={cx('font-semibold', isVerified && 'text-good')}>
        {isVerified ? t.things.verifiedTitle(thing.name) : t.things.firstSteps}
      </h2>
      <p role="status" className="sr-only">
        {isVerified && t.things.verifiedTitle(thing.name)}
      </p>
      <ol className="mt-3 grid gap-x-6 gap-y-4 lg:grid-cols-[5fr_9fr_6fr]">
        <TickStep title={t.things.steps.download} isDone={hasRun || thing.privateKey === 'gone'}>
          <p>{t.things.steps.downloadText}</p>
        </TickStep>
        <TickStep title={t.things.steps.run} isDone={hasRun}>
          <p className="flex items-start justify-between gap-2">
            {t.things.steps.runText}
            <CopyButton text={command} what={t.things.steps.commands} />
          </p>
          <CodeBlock label={t.things.steps.commands} text={command} className="mt-1" />
        </TickStep>
        <TickStep title={t.things.steps.seen} isDone={isVerified}>
          <p>{t.things.steps.seenText}</p>
          <ul className="mt-2 flex flex-col gap-1.5">
            <Sight label={t.things.steps.collected} at={collectedAt} />
            <Sight label={t.things.steps.published} at={publishedAt} />
          </ul>
        </TickStep>
      </ol>
    </section>
  );
}

/** One of the two things a bootstrap does, and when it was seen. */
function Sight({ label, at }: { label: string; at: string | null }) {
  const Icon = at === null ? CircleDashed : CircleCheck;
  return (
    <li className="flex items-center gap-2">
      <Icon aria-hidden className={cx('size-4 shrink-0', at === null ? 'text-faint' : 'text-good')} />
      <span>
        {label}: {at === null ? t.things.steps.notYet : <RelativeTime at={at} />}
      </span>
    </li>
  );
}
