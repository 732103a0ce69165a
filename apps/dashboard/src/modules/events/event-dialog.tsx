import type { Event } from '@polyrelay/contract';
import { t } from '../../strings';
import { CodeBlock } from '../../ui/code-block';
import { CopyId, CopyWideButton } from '../../ui/copy';
import { Dialog } from '../../ui/dialog';
import { Facts } from '../../ui/facts';
import { RelativeTime } from '../../ui/time';

/** One event with its whole payload. */
export function EventDialog({ event, onClose }: { event: Event | null; onClose: () => void }) {
  const payload = JSON.stringify(event?.payload ?? {}, null, 2);
  return (
    <Dialog
      isOpen={event !== null}
      onClose={onClose}
      title={t.events.one}
      size="md"
      footer={event && <CopyWideButton text={JSON.stringify(event, null, 2)} what={t.events.one} />}
    >
      {event && (
        <div className="flex flex-col gap-4">
          <Facts
            facts={[
              {
                label: t.events.topic,
                value: <span className="font-mono text-sm break-all">{event.topic}</span>,
              },
              { label: t.events.operation, value: t.events.operations[event.operation] },
              { label: t.events.at, value: <RelativeTime at={event.at} /> },
              { label: t.events.id, value: <CopyId id={event.id} what={t.events.id} /> },
              ...(event.group
                ? [{ label: t.events.group, value: <span className="break-all">{event.group}</span> }]
                : []),
            ]}
          />
          <CodeBlock label={t.events.payload} text={payload} className="max-h-80" />
        </div>
      )}
    </Dialog>
  );
}
