import { type Event, TopicFilters } from '@polyrelay/contract';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Activity, ArrowUp, Pause, Play } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { t } from '../../strings';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/input';
import { PageHeader } from '../../ui/page';
import { Segmented } from '../../ui/segmented';
import { Empty, Failure, Skeleton } from '../../ui/states';
import { EventDialog } from './event-dialog';
import { EventList } from './event-list';
import { useEventLog } from './use-event-log';

const route = getRouteApi('/app/events');
const TYPING_MS = 350;

/** Everything that happens, newest first, under a topic filter that the address carries. */
export default function EventsPage() {
  const topic = route.useSearch().topic ?? '#';
  const [isPaused, setPaused] = useState(false);
  const isBusyInList = useRef(false);
  const log = useEventLog(topic, () => isPaused || isBusyInList.current);
  const [opened, setOpened] = useState<Event | null>(null);
  const resume = () => {
    setPaused(false);
    log.release();
  };
  return (
    <>
      <PageHeader
        title={t.events.title}
        below={t.events.text}
        actions={
          <Button
            icon={isPaused ? Play : Pause}
            onClick={isPaused ? resume : () => setPaused(true)}
            aria-pressed={isPaused}
          >
            {isPaused ? t.events.resume : t.events.pause}
          </Button>
        }
      />
      <TopicFilter key={topic} topic={topic} />
      <div className="mt-3 mb-2 flex min-h-8 flex-wrap items-center justify-between gap-2 text-sm text-soft">
        <span>{t.events.count(log.shown.length)}</span>
        {log.held.length > 0 && (
          <Button size="sm" icon={ArrowUp} onClick={log.release}>
            {t.events.showNew(log.held.length)}
          </Button>
        )}
      </div>
      {log.error ? (
        <Failure error={log.error} onRetry={log.reload} />
      ) : !log.isReady ? (
        <Skeleton rows={10} className="h-9" />
      ) : log.shown.length === 0 ? (
        <Empty icon={Activity} title={t.events.emptyTitle}>
          {topic === '#' ? t.events.emptyText : t.events.emptyFiltered}
        </Empty>
      ) : (
        <EventList
          events={log.shown}
          onOpen={setOpened}
          onBusy={(isBusy) => {
            isBusyInList.current = isBusy;
          }}
          footer={
            log.cursor !== null && (
              <Button onClick={() => void log.older()} isBusy={log.isPaging}>
                {t.ui.older}
              </Button>
            )
          }
        />
      )}
      <EventDialog event={opened} onClose={() => setOpened(null)} />
    </>
  );
}

const presets = [
  '#',
  'nodeServers/+',
  'nodeServers/+/notices/#',
  'nodeServers/+/nodes/#',
  'nodeServers/+/oauth/#',
  'things/+',
  'things/+/messages/+',
] as const;

function TopicFilter({ topic }: { topic: string }) {
  const navigate = useNavigate();
  const [text, setText] = useState(topic);
  const result = TopicFilters.safeParse(text);
  const isEmpty = text.trim() === '';
  const error = result.success || isEmpty ? undefined : t.events.badFilter;
  const go = (next: string) =>
    void navigate({ to: '/events', search: next === '#' ? {} : { topic: next }, replace: true });

  // Typing changes the address once it rests, so that not every letter opens a connection.
  useEffect(() => {
    const wanted = isEmpty ? '#' : text.trim();
    if (error || wanted === topic) return;
    const timer = setTimeout(() => go(wanted), TYPING_MS);
    return () => clearTimeout(timer);
  });

  return (
    <div className="flex flex-col gap-3">
      <Segmented
        label={t.events.presets}
        value={presets.find((preset) => preset === topic) ?? ''}
        onChange={(preset) => go(preset)}
        choices={presets.map((value, index) => ({
          value: value as string,
          label: t.events.presetLabels[index] ?? value,
        }))}
        className="w-fit"
      />
      <div className="max-w-xl">
        <TextField
          label={t.events.filter}
          hint={t.events.filterHint}
          isMono
          spellCheck={false}
          value={text}
          onChange={setText}
          error={error}
        />
      </div>
    </div>
  );
}
