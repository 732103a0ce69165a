import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { ScrollText, SearchX, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { t } from '../../../strings';
import { Empty, Skeleton } from '../../../ui/states';
import type { ServerFacts } from '../node-map';
import type { DetailSearch } from '../search';
import type { LogSource } from './log-source';
import { type LogSearch, LogTools } from './log-tools';
import { LogView } from './log-view';
import { useLog, useLogState } from './use-log';

const route = getRouteApi('/app/node-servers/$id');

/** The worker's log as it is written; level, filter and a chosen line stand in the address. */
export function LogTab({ server }: { server: ServerFacts }) {
  const { id } = server;
  const search = route.useSearch();
  const navigate = useNavigate();
  const { level = 'debug', text = '', line } = search;
  const source = useLog(id, { level, text });
  const isEmpty = useLogState(source, ({ lines }) => lines.length === 0);
  const isReady = useLogState(source, ({ status }) => status !== 'connecting');
  const [isPaused, setPaused] = useState(false);
  const [isWrapped, setWrapped] = useState(true);
  useEffect(() => source.pause(isPaused), [source, isPaused]);
  useEffect(() => {
    // A line that is not there any more is not gone to.
    if (isReady && line !== undefined) source.jumpToLine(line).catch(() => undefined);
  }, [isReady, line, source]);

  const change = (next: LogSearch) => {
    const wanted = { level, text, line, ...next };
    const params: DetailSearch = { tab: 'log' };
    if (wanted.level !== undefined && wanted.level !== 'debug') params.level = wanted.level;
    if (wanted.text) params.text = wanted.text;
    if (wanted.line !== undefined) params.line = wanted.line;
    void navigate({
      to: '/node-servers/$id',
      params: { id },
      search: params,
      replace: true,
      resetScroll: false,
    });
  };

  return (
    <div className="flex flex-col gap-3">
      <LogTools
        {...{ server, source, level, text, isPaused, isWrapped, change }}
        onPause={setPaused}
        onWrap={setWrapped}
      />
      <FloodNotice source={source} />
      {!isEmpty ? (
        <LogView
          {...{ source, text, isWrapped }}
          chosen={line}
          onChoose={(chosen) => change({ line: chosen })}
          onLive={() => change({ line: undefined })}
        />
      ) : !isReady ? (
        <Skeleton rows={1} className="h-80" />
      ) : source.isFiltered ? (
        <Empty icon={SearchX} title={t.log.noneTitle}>
          {t.log.noneText}
        </Empty>
      ) : (
        <Empty icon={ScrollText} title={t.log.emptyTitle}>
          {t.log.emptyText}
        </Empty>
      )}
    </div>
  );
}

/** Says so while a worker writes more than is kept. */
function FloodNotice({ source }: { source: LogSource }) {
  const lines = useLogState(source, ({ flood }) => flood?.linesPerSecond);
  return lines === undefined ? null : (
    <p role="status" className="flex gap-2 rounded-lg bg-warn-ground px-3 py-2 text-warn">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span>
        <strong>{t.log.flood(lines)}</strong> {t.log.floodText}
      </span>
    </p>
  );
}
