import type { MonitorPreview } from '@polyrelay/contract';
import { Radio, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { useSettled } from '../../../lib/use-settled';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { Empty, Skeleton } from '../../../ui/states';
import type { Topics } from '../builder/use-topics';
import { EventList } from './event-list';
import type { ShownAs } from './format';
import { usePreview } from './use-preview';

/** The service is asked once typing pauses. */
const TYPING_MS = 300;

interface Props {
  text: string;
  topics: Topics;
  shownAs: ShownAs;
}

/** The latest events that a topic matches, as one types and as they happen. */
export function PreviewPanel({ text, topics: { verdict, topics }, shownAs }: Props) {
  const settled = useSettled(text.trim(), TYPING_MS);
  // Where the grammar could not be loaded, the service judges.
  const canAsk = verdict.kind === 'good' || verdict.kind === 'unknown';
  const isSettled = canAsk && settled === text.trim();
  const asked = useLast(isSettled ? settled : undefined) ?? '';
  const { data, error, isOld, retry } = usePreview(asked, topics, shownAs.formatType);
  if (verdict.kind === 'empty') return <p className="text-soft">{t.monitors.preview.waiting}</p>;
  const isBad = verdict.kind === 'bad';
  return (
    <>
      {isBad && <p className="text-soft">{data ? t.monitors.preview.badNow : t.monitors.preview.bad}</p>}
      {error && !isBad && (
        <div className="flex flex-col items-start gap-2">
          <FormError text={`${t.monitors.preview.failed}: ${error.message}`} />
          <Button size="sm" icon={RotateCw} onClick={retry}>
            {t.ui.retry}
          </Button>
        </div>
      )}
      {data && <Found preview={data} isOld={isOld || asked !== text.trim()} shownAs={shownAs} />}
      {!data && !error && !isBad && <Skeleton rows={3} className="h-16" />}
    </>
  );
}

interface FoundProps {
  preview: MonitorPreview;
  /** These are of the text before. */
  isOld: boolean;
  shownAs: ShownAs;
}

const Found = ({ preview: { items, lookedAt }, isOld, shownAs }: FoundProps) => (
  <div aria-busy={isOld} className="flex min-w-0 flex-col gap-3">
    {items.length === 0 ? (
      <Empty isSmall icon={Radio} title={t.monitors.preview.none}>
        {t.monitors.preview.noneText(lookedAt)}
      </Empty>
    ) : (
      <>
        <p role="status" className="text-sm text-soft">
          {t.monitors.preview.shown(items.length)}
        </p>
        <EventList items={items} shownAs={shownAs} />
      </>
    )}
  </div>
);

/** The last value there was. */
function useLast<T>(value: T | undefined): T | undefined {
  const [last, setLast] = useState(value);
  if (value !== undefined && value !== last) setLast(value);
  return value ?? last;
}
