import type { Channel } from '@polyrelay/contract';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { ArrowUp, MessagesSquare, Pause, Play } from 'lucide-react';
import { useRef, useState } from 'react';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { Empty, Failure, Skeleton } from '../../../ui/states';
import type { DetailSearch } from '../search';
import { FilterField } from './filter-field';
import { Inspector } from './inspector';
import { MessageList } from './message-list';
import { type TailView, useTail } from './use-tail';
import { withIdent } from './with-ident';

const route = getRouteApi('/app/channels/$id');

/** What comes to the channel: newest first, as it happens, under a filter that the address carries. */
export function MessagesTab({ channel }: { channel: Channel }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const [isPaused, setPaused] = useState(false);
  const isBusyInList = useRef(false);
  const hold = useRef(isPaused);
  hold.current = isPaused;
  const tail = useTail(channel, search.filter, () => hold.current || isBusyInList.current);
  const change = (next: DetailSearch) =>
    void navigate({
      to: '/channels/$id',
      params: { id: String(channel.id) },
      search: { ...search, ...next },
      replace: true,
      resetScroll: false,
    });
  const setFilter = (filter: string) => change({ filter: filter || undefined });
  const turn = () => {
    hold.current = !isPaused;
    setPaused(!isPaused);
    if (isPaused) tail.follow();
  };
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-start gap-3">
        <FilterField filter={search.filter ?? ''} onChange={setFilter} />
        <Button icon={isPaused ? Play : Pause} onClick={turn} className="sm:mt-6.5">
          {isPaused ? t.channels.tail.follow : t.channels.tail.pause}
        </Button>
      </div>
      <Shown
        tail={tail}
        isPaused={isPaused}
        isFiltered={search.filter !== undefined}
        onShowAll={() => setFilter('')}
        onShowNew={() => {
          isBusyInList.current = false;
          hold.current = false;
          setPaused(false);
          tail.follow();
        }}
      >
        <MessageList
          tail={tail}
          onOpen={(message) => change({ message })}
          onIdent={(ident) => setFilter(withIdent(search.filter, ident))}
          onBusy={(isBusy) => {
            const wasBusy = isBusyInList.current;
            isBusyInList.current = isBusy;
            if (wasBusy && !isBusy) tail.follow();
          }}
        />
      </Shown>
      {search.message !== undefined && (
        <Inspector
          channelId={channel.id}
          messageKey={search.message}
          tail={tail}
          onChange={(message) => change({ message })}
        />
      )}
    </div>
  );
}

interface ShownProps {
  tail: TailView;
  isPaused: boolean;
  isFiltered: boolean;
  onShowAll: () => void;
  onShowNew: () => void;
  children: React.ReactNode;
}

function Shown({ tail, isPaused, isFiltered, onShowAll, onShowNew, children }: ShownProps) {
  const { messages, gaps, onward, error, isReady, isSparse, waiting } = tail;
  if (!isReady) {
    if (error) return <Failure error={error} onRetry={tail.reload} />;
    return <Skeleton rows={8} className="h-10" />;
  }
  const passed = gaps.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return (
    <section aria-label={t.channels.tabs.messages} className="flex flex-col gap-2">
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-2 text-sm text-soft">
        <span>
          {t.channels.tail.shown(messages.length, onward !== null)}
          {passed > 0 && ` · ${t.channels.tail.passedShort(passed)}`}
          {isPaused && ` · ${t.channels.tail.paused}`}
        </span>
        {waiting > 0 && (
          <Button size="sm" kind="main" icon={ArrowUp} onClick={onShowNew} className="rounded-full">
            {isFiltered ? t.channels.tail.lookThrough(waiting) : t.channels.tail.showNew(waiting)}
          </Button>
        )}
      </div>
      {messages.length === 0 && onward === null ? (
        <Empty
          isSmall
          icon={MessagesSquare}
          title={isFiltered ? t.channels.tail.noneMatch : t.channels.tail.none}
          action={isFiltered && <Button onClick={onShowAll}>{t.channels.filter.clear}</Button>}
        >
          {isFiltered ? t.channels.tail.noneMatchText : t.channels.tail.noneText}
        </Empty>
      ) : (
        messages.length > 0 && children
      )}
      {isSparse && (
        <div className="flex flex-wrap items-center justify-center gap-3 p-2 text-soft">
          {t.channels.tail.sparse}
          <Button onClick={tail.older} isBusy={tail.isPaging}>
            {t.channels.tail.searchOn}
          </Button>
        </div>
      )}
      {error !== null && <Failure error={error} onRetry={tail.follow} />}
    </section>
  );
}
