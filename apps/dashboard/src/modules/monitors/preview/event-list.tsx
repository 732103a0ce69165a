import type { PushedEvent } from '@polyrelay/contract';
import { useState } from 'react';
import { exact, moment } from '../../../lib/format';
import { useNow } from '../../../lib/now';
import { t } from '../../../strings';
import { Chip, type Tone } from '../../../ui/badge';
import { EventDialog } from './event-dialog';
import type { ShownAs } from './format';

const tones: Record<PushedEvent['operation'], Tone> = {
  INSERTION: 'good',
  UPDATE: 'busy',
  DELETION: 'bad',
};

/** Events as they are pushed, newest first; each opens with its payload. */
export function EventList({ items, shownAs }: { items: readonly PushedEvent[]; shownAs: ShownAs }) {
  const now = useNow();
  const [open, setOpen] = useState<PushedEvent | null>(null);
  const at = open ? items.findIndex((each) => keyOf(each) === keyOf(open)) : -1;
  return (
    <>
      <ul
        aria-label={t.monitors.tabs.events}
        className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-card shadow-card"
      >
        {items.map((event) => (
          <li key={keyOf(event)}>
            <button
              type="button"
              data-list-item
              onClick={() => setOpen(event)}
              className="flex w-full min-w-0 flex-col gap-0.5 px-3 py-2 text-left outline-offset-[-3px] hover:bg-hover"
            >
              <span className="sr-only">{t.monitors.preview.open} </span>
              <span className="flex w-full items-center gap-2">
                <time
                  dateTime={event.timestamp}
                  data-tip={exact(Date.parse(event.timestamp))}
                  className="font-mono text-xs whitespace-nowrap text-faint"
                >
                  {moment(Date.parse(event.timestamp), now)}
                </time>
                <Chip tone={tones[event.operation]}>
                  {t.monitors.form.builder.operation[event.operation]}
                </Chip>
              </span>
              <code className="w-full font-mono text-sm wrap-anywhere">{event.topic}</code>
              <code className="w-full truncate font-mono text-xs text-soft">{contentOf(event)}</code>
            </button>
          </li>
        ))}
      </ul>
      {open && (
        <EventDialog
          shownAs={shownAs}
          event={open}
          newer={at > 0 ? items[at - 1] : undefined}
          older={at === -1 ? undefined : items[at + 1]}
          onChange={setOpen}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}

/** One event of the log may be several messages. */
const keyOf = ({ eventId, topic }: PushedEvent): string => `${eventId} ${topic}`;

const MOST = 300;

/** What a message tells beside its head. */
function contentOf({ message }: PushedEvent): string {
  const { topic: _, operation: __, timestamp: ___, group: ____, ...content } = message;
  return JSON.stringify(Object.values(content)[0] ?? content).slice(0, MOST);
}
