import type { Thing } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { t } from '../../../strings';
import { Banner } from '../../../ui/banner';
import { buttonClass } from '../../../ui/button';
import { useIsAway } from '../reach';
import { History } from './history';
import { SendForm } from './send-form';
import { useDraft } from './use-draft';

/** Sends a message to the thing, and shows what became of those before. */
export function SendTab({ thing }: { thing: Thing }) {
  const { draft, change } = useDraft(thing.id);
  const form = useRef<HTMLDivElement>(null);
  return (
    <div className="flex flex-col gap-5">
      <Reach thing={thing} />
      <div ref={form}>
        <SendForm thing={thing} draft={draft} onChange={change} />
      </div>
      <History
        thing={thing}
        onEdit={(next) => {
          change(next);
          form.current?.scrollIntoView({ block: 'nearest' });
          requestAnimationFrame(() => form.current?.querySelector('textarea')?.focus());
        }}
      />
    </div>
  );
}

/** Whether the thing can be reached, and what follows from it. */
function Reach({ thing }: { thing: Thing }) {
  const isAway = useIsAway(thing);
  if (!thing.enabled)
    return (
      <Banner
        tone="warn"
        title={t.send.disabledTitle}
        actions={
          <Link
            to="/things/$id"
            params={{ id: thing.id }}
            search={{ tab: 'settings' }}
            className={buttonClass('plain', 'sm')}
          >
            {t.send.toSettings}
          </Link>
        }
      >
        {t.send.disabledText}
      </Banner>
    );
  if (!isAway) return null;
  return (
    <Banner tone="info" title={t.send.awayTitle}>
      {t.send.awayText}
    </Banner>
  );
}
