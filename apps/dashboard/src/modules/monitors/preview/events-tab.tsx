import type { Monitor } from '@polyrelay/contract';
import { useUser } from '../../../lib/session';
import { t } from '../../../strings';
import { useTopics } from '../builder/use-topics';
import { PreviewPanel } from './preview-panel';

/** What a monitor's topics match, as it happens. */
export function EventsTab({ monitor: { ownerId, topic, formatType, schemaType } }: { monitor: Monitor }) {
  const topics = useTopics(topic);
  const user = useUser();
  // A preview is of the events of whoever asks.
  if (ownerId !== user.id) return <p className="text-soft">{t.monitors.otherEvents}</p>;
  return (
    <div className="flex flex-col gap-3">
      <p className="text-soft">{t.monitors.events.about}</p>
      <PreviewPanel text={topic} topics={topics} shownAs={{ formatType, hasTemplate: schemaType !== null }} />
    </div>
  );
}
