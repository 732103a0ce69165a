import type { Channel } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { BookOpen, MessageSquarePlus } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../../strings';
import { buttonClass } from '../../../ui/button';
import { TickStep } from '../../../ui/tick-step';
import { readersQuery } from '../queries';

/** What to do with a channel that never had a message; each step is ticked as it happens. */
export function FirstSteps({ channel: { id, nextKey, enabled } }: { channel: Channel }) {
  // Whoever watched the first message come sees the tick, not the panel vanish.
  const [wasNew] = useState(nextKey === 0);
  const { data: readers = [] } = useQuery({ ...readersQuery(id), enabled: wasNew });
  if (!wasNew || !enabled) return null;
  const params = { id: String(id) };
  return (
    <section aria-labelledby="first-steps" className="rounded-lg border border-edge bg-card p-4 shadow-card">
      <h2 id="first-steps" className="font-semibold">
        {t.channels.firstSteps}
      </h2>
      <ol className="mt-3 grid gap-x-6 gap-y-4 md:grid-cols-2">
        <TickStep title={t.channels.steps.add} isDone={nextKey > 0}>
          <p className="mb-2">{t.channels.steps.addText}</p>
          <Link
            to="/channels/$id"
            params={params}
            search={{ tab: 'messages', dialog: 'add' }}
            className={buttonClass('plain', 'sm')}
          >
            <MessageSquarePlus aria-hidden className="size-4" />
            {t.channels.add.title}
          </Link>
        </TickStep>
        <TickStep title={t.channels.steps.read} isDone={readers.length > 0}>
          <p className="mb-2">{t.channels.steps.readText}</p>
          <Link
            to="/channels/$id"
            params={params}
            search={{ tab: 'use' }}
            className={buttonClass('plain', 'sm')}
          >
            <BookOpen aria-hidden className="size-4" />
            {t.channels.steps.toUse}
          </Link>
        </TickStep>
      </ol>
    </section>
  );
}
