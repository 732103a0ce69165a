import { Radio, RotateCw } from 'lucide-react';
import { useSettled } from '../../../lib/use-settled';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { Empty, Skeleton } from '../../../ui/states';
import type { Topics } from '../builder/use-topics';
import { EventList } from './event-list';
import { usePreview } from './use-preview';

/** The service is asked once typing pauses. */
const TYPING_MS = 300;

/** The latest events that a topic matches, as one types and as they happen. */
export function PreviewPanel({ text, topics: { verdict, topics } }: { text: string; topics: Topics }) {
  const settled = useSettled(text.trim(), TYPING_MS);
  // Where the grammar could not be loaded, the service judges.
  const canAsk = verdict.kind === 'good' || verdict.kind === 'unknown';
  const preview = usePreview(canAsk && settled === text.trim() ? settled : '', topics);
  if (verdict.kind === 'empty') return <p className="text-soft">{t.monitors.preview.waiting}</p>;
  if (verdict.kind === 'bad') return <p className="text-soft">{t.monitors.preview.bad}</p>;
  if (preview.error)
    return (
      <div className="flex flex-col items-start gap-2">
        <FormError text={`${t.monitors.preview.failed}: ${preview.error.message}`} />
        <Button size="sm" icon={RotateCw} onClick={preview.retry}>
          {t.ui.retry}
        </Button>
      </div>
    );
  if (!preview.data) return <Skeleton rows={3} className="h-16" />;
  const { items, lookedAt } = preview.data;
  if (items.length === 0)
    return (
      <Empty isSmall icon={Radio} title={t.monitors.preview.none}>
        {t.monitors.preview.noneText(lookedAt)}
      </Empty>
    );
  return (
    <>
      <p role="status" className="text-sm text-soft">
        {t.monitors.preview.shown(items.length)}
      </p>
      <EventList items={items} />
    </>
  );
}
