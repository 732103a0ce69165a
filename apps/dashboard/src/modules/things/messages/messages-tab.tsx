import type { Thing } from '@polyrelay/contract';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { ArrowUp, MessagesSquare } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { totals } from '../../../lib/rate';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { Bone, Empty, Failure, Skeleton } from '../../../ui/states';
import { DeleteDialog } from './delete-dialog';
import { DownloadDialog } from './download-dialog';
import { boundsOf } from './filter';
import { FirstMessage } from './first-message';
import { MessageList } from './message-list';
import type { Taken } from './queries';
import { filterOf, type MessagesSearch } from './search';
import { Tools } from './tools';
import { type Messages, useMessages } from './use-messages';
import { useRate } from './use-rate';
import { Viewer } from './viewer';

const RateChart = lazy(() => import('./rate-chart'));
const route = getRouteApi('/app/things/$id');

/** What the thing sent and was sent: newest first, as it happens, under a filter that the address carries. */
export function MessagesTab({ thing }: { thing: Thing }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const filter = filterOf(search);
  const isBusyInList = useRef(false);
  const messages = useMessages(thing.id, filter, { isHeld: () => isBusyInList.current });
  const rate = useRate(thing.id, filter);
  const [dialog, setDialog] = useState<{ kind: 'download' | 'delete'; taken: Taken } | null>(null);

  const change = (next: MessagesSearch) =>
    void navigate({
      to: '/things/$id',
      params: { id: thing.id },
      search: { ...search, ...next },
      replace: true,
      resetScroll: false,
    });
  /** What comes while a dialog is open is not taken: its figures hold. */
  const open = (kind: 'download' | 'delete') => () => {
    const now = Date.now();
    const taken = { to: new Date(now).toISOString(), ...boundsOf(filter, now), type: filter.type };
    setDialog({ kind, taken });
  };
  const close = () => setDialog(null);
  const isFirst = thing.collected === 0 && thing.published === 0 && messages.shown.length === 0;

  if (messages.isReady && isFirst && messages.held.length === 0) return <FirstMessage thing={thing} />;
  return (
    <div className="flex flex-col gap-4">
      <Tools
        filter={filter}
        counts={rate.data && totals(rate.data)}
        change={change}
        onDownload={open('download')}
        onDelete={open('delete')}
      />
      {rate.data ? (
        <Suspense fallback={<Bone className="h-60" />}>
          <RateChart
            rate={rate.data}
            range={filter.range}
            onSelect={(from, to) =>
              change({ range: 'own', from: new Date(from).toISOString(), to: new Date(to).toISOString() })
            }
          />
        </Suspense>
      ) : (
        rate.error === null && <Bone className="h-60" />
      )}
      <Shown
        messages={messages}
        onOpen={(message) => change({ message })}
        onBusy={(isBusy) => {
          isBusyInList.current = isBusy;
        }}
        onShowAll={() =>
          change({ type: undefined, text: undefined, range: 'all', from: undefined, to: undefined })
        }
      />
      {search.message !== undefined && (
        <Viewer
          thing={thing}
          id={search.message}
          messages={messages}
          onChange={(message) => change({ message })}
        />
      )}
      {dialog?.kind === 'download' && (
        <DownloadDialog thing={thing} filter={filter} taken={dialog.taken} onClose={close} />
      )}
      {dialog?.kind === 'delete' && (
        <DeleteDialog thing={thing} filter={filter} taken={dialog.taken} onClose={close} />
      )}
    </div>
  );
}

interface ShownProps {
  messages: Messages;
  onOpen: (id: string) => void;
  onBusy: (isBusy: boolean) => void;
  onShowAll: () => void;
}

function Shown({ messages, onOpen, onBusy, onShowAll }: ShownProps) {
  const { shown, held, onward, error, isReady, isSparse } = messages;
  if (!isReady) {
    if (error) return <Failure error={error} onRetry={messages.reload} />;
    return <Skeleton rows={8} className="h-10" />;
  }
  return (
    <section aria-label={t.messages.title} className="flex flex-col gap-2">
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-2 text-sm text-soft">
        <span role="status">{t.messages.shown(shown.length, onward !== null)}</span>
        {held.length > 0 && (
          <Button size="sm" kind="main" icon={ArrowUp} onClick={messages.release} className="rounded-full">
            {t.messages.showNew(held.length)}
          </Button>
        )}
      </div>
      {shown.length === 0 && onward === null ? (
        <Empty
          isSmall
          icon={MessagesSquare}
          title={t.messages.emptyTitle}
          action={<Button onClick={onShowAll}>{t.messages.showAll}</Button>}
        >
          {t.messages.emptyText}
        </Empty>
      ) : (
        shown.length > 0 && (
          <MessageList
            messages={shown}
            onOpen={({ id }) => onOpen(id)}
            onBusy={onBusy}
            onEnd={onward === null || isSparse || error ? null : messages.older}
            isPaging={messages.isPaging}
          />
        )
      )}
      {isSparse && (
        <div className="flex flex-wrap items-center justify-center gap-3 p-2 text-soft">
          {t.messages.sparse}
          <Button onClick={messages.older} isBusy={messages.isPaging}>
            {t.messages.searchOn}
          </Button>
        </div>
      )}
      {error !== null && <Failure error={error} onRetry={messages.older} />}
    </section>
  );
}
