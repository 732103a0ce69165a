import type { LogLevel } from '@polyrelay/contract';
import { Download, Pause, Play, SlidersHorizontal, Trash2, WrapText } from 'lucide-react';
import { lazy, useState } from 'react';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { ConfirmDialog } from '../../../ui/confirm';
import { LazyMenu } from '../../../ui/lazy-menu';
import { SearchInput } from '../../../ui/search-input';
import { Select } from '../../../ui/select';
import type { ServerFacts } from '../node-map';
import { type DetailSearch, levels } from '../search';
import { useChange } from '../settings/use-change';
import { Caption } from './caption';
import { JumpToTime } from './jump-to-time';
import type { LogSource } from './log-source';
import { useLogState } from './use-log';

const DownloadMenu = lazy(() => import('./download-menu'));

/** What the address says of the log; undefined takes it out. */
export type LogSearch = { [Key in 'level' | 'text' | 'line']?: DetailSearch[Key] | undefined };

interface Props {
  server: ServerFacts;
  source: LogSource;
  level: LogLevel;
  text: string;
  isPaused: boolean;
  isWrapped: boolean;
  change: (next: LogSearch) => void;
  onPause: (isPaused: boolean) => void;
  onWrap: (isWrapped: boolean) => void;
}

/** What one does with a log: filter, pause, go to a time, take it along, say what is kept, clear. */
export function LogTools(props: Props) {
  const { server, source, level, text, isPaused, isWrapped, change, onPause, onWrap } = props;
  /** What is seldom needed is shown when it is asked for. */
  const [isOpen, setOpen] = useState(false);
  const [isClearing, setClearing] = useState(false);
  const keep = useChange(server);
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput
          label={t.log.filter}
          value={text}
          onChange={(value) => change({ text: value })}
          className="w-full sm:w-auto sm:max-w-72 sm:flex-1"
        />
        <Select
          aria-label={t.log.level}
          value={level}
          onChange={(value) => change({ level: value as LogLevel })}
          className="max-sm:grow max-sm:basis-36"
        >
          {levels.map((value) => (
            <option key={value} value={value}>
              {t.log.from[value]}
            </option>
          ))}
        </Select>
        <PauseButton {...{ source, isPaused, onPause }} />
        <LazyMenu trigger={<Button icon={Download}>{t.log.download}</Button>}>
          {(trigger) => <DownloadMenu trigger={trigger} source={source} name={server.name} />}
        </LazyMenu>
        <Button icon={SlidersHorizontal} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t.log.more}
        </Button>
        <Count source={source} />
      </div>
      {isOpen && (
        <div className="flex flex-wrap items-end gap-x-4 gap-y-3 rounded-lg border border-line bg-card p-3">
          <JumpToTime source={source} onFound={(line) => change({ line })} />
          <Caption text={t.log.kept}>
            <Select
              aria-label={t.log.keep}
              value={keep.isPending ? (keep.variables.logLevel ?? server.logLevel) : server.logLevel}
              onChange={(value) => keep.mutate({ logLevel: value as LogLevel })}
            >
              {levels.map((value) => (
                <option key={value} value={value}>
                  {t.log.keeps[value]}
                </option>
              ))}
            </Select>
          </Caption>
          <Button
            icon={WrapText}
            aria-pressed={isWrapped}
            onClick={() => onWrap(!isWrapped)}
            className="aria-pressed:border-accent aria-pressed:text-accent"
          >
            {t.log.wrap}
          </Button>
          <Button kind="dangerQuiet" icon={Trash2} onClick={() => setClearing(true)} className="sm:ml-auto">
            {t.log.clear}
          </Button>
        </div>
      )}
      <ConfirmDialog
        isOpen={isClearing}
        onClose={() => setClearing(false)}
        title={t.log.clearTitle(server.name)}
        action={t.log.clear}
        onConfirm={() => source.clear()}
      >
        {t.log.clearText}
      </ConfirmDialog>
    </>
  );
}

function PauseButton({ source, isPaused, onPause }: Pick<Props, 'source' | 'isPaused' | 'onPause'>) {
  const held = useLogState(source, (log) => (isPaused ? log.held : 0));
  return (
    <Button icon={isPaused ? Play : Pause} aria-pressed={isPaused} onClick={() => onPause(!isPaused)}>
      {isPaused ? t.log.resume(held) : t.log.pause}
    </Button>
  );
}

/** How many lines are here, or that the connection is lost. */
function Count({ source }: { source: LogSource }) {
  const isLost = useLogState(source, ({ status }) => status === 'lost');
  const count = useLogState(source, ({ lines }) => lines.length);
  const skipped = useLogState(source, (log) => log.skipped);
  return (
    <span role="status" className="ml-auto text-sm text-faint">
      {isLost ? t.log.lost : t.log.shown(count, skipped)}
    </span>
  );
}
