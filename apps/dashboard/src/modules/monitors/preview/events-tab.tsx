import type { Monitor } from '@polyrelay/contract';
import { t } from '../../../strings';
import { useTopics } from '../builder/use-topics';
import { PreviewPanel } from './preview-panel';

/** What a monitor's topics match, as it happens. */
export function EventsTab({ monitor: { topic, formatType, schemaType } }: { monitor: Monitor }) {
  const topics = useTopics(topic);
  return (
    <div className="flex flex-col gap-3">
      <p className="text-soft">{t.monitors.events.about}</p>
      <PreviewPanel text={topic} topics={topics} shownAs={{ formatType, hasTemplate: schemaType !== null }} />
    </div>
  );
}
