import type { LogLevel } from '@polyrelay/contract';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Download, Pause, Play, ScrollText } from 'lucide-react';
import { useMemo, useState } from 'react';
import { withQuery } from '../../../lib/api';
import { t } from '../../../strings';
import { Button, buttonClass } from '../../../ui/button';
import { SearchInput } from '../../../ui/search-input';
import { Select } from '../../../ui/select';
import { Empty } from '../../../ui/states';
import type { ServerFacts } from '../node-map';
import { base } from '../queries';
import { type DetailSearch, levels } from '../search';
import { LogView } from './log-view';
import { selectLines } from './select-lines';
import { useLog } from './use-log';

const route = getRouteApi('/app/node-servers/$id');

/** The most that the service gives at once. */
const MOST_LINES = 5000;

/** The worker's log as it is written; level, filter and a chosen line stand in the address. */
export function LogTab({ server }: { server: ServerFacts }) {
  const { id } = server;
  const search = route.useSearch();
  const navigate = useNavigate();
  const [isPaused, setPaused] = useState(false);
  const { lines, held, status } = useLog(id, isPaused);
  const { level = 'debug', text = '' } = search;
  const shown = useMemo(() => selectLines(lines, level, text), [lines, level, text]);
  const change = (next: { level?: LogLevel; text?: string; line?: number }) => {
    const wanted = { level, text, line: search.line, ...next };
    const params: DetailSearch = { tab: 'log' };
    if (wanted.level !== 'debug') params.level = wanted.level;
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
  const download = withQuery(`${base(id)}/log`, {
    lines: MOST_LINES,
    ...(level === 'debug' ? {} : { level }),
    ...(text ? { text } : {}),
  });
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput
          label={t.log.filter}
          value={text}
          onChange={(value) => change({ text: value })}
          className="min-w-40 flex-1 sm:max-w-72"
        />
        <Select
          aria-label={t.log.level}
          value={level}
          onChange={(value) => change({ level: value as LogLevel })}
        >
          {levels.map((value) => (
            <option key={value} value={value}>
              {t.log.from[value]}
            </option>
          ))}
        </Select>
        <Button icon={isPaused ? Play : Pause} aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
          {isPaused ? t.log.resume(held) : t.log.pause}
        </Button>
        <a href={download} download={`${server.name}.log`} className={buttonClass('plain')}>
          <Download aria-hidden className="size-4" />
          {t.log.download}
        </a>
        <span role="status" className="ml-auto text-sm text-faint">
          {status === 'lost'
            ? t.log.lost
            : shown.length === lines.length
              ? t.log.count(lines.length)
              : t.ui.shownOf(shown.length, lines.length)}
        </span>
      </div>
      {lines.length === 0 ? (
        <Empty icon={ScrollText} title={t.log.emptyTitle}>
          {t.log.emptyText}
        </Empty>
      ) : (
        <LogView lines={shown} text={text} chosen={search.line} onChoose={(line) => change({ line })} />
      )}
    </div>
  );
}
