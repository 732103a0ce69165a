import { ArrowDown } from 'lucide-react';
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { LogEnd } from './log-end';
import { LogScroll } from './log-scroll';
import type { LogSource } from './log-source';
import { useLogState } from './use-log';

/** So close to the end counts as being there. */
const END_PX = 24;

/** So close to an edge more lines are fetched. */
const EDGE_PX = 600;

/** Keys that go up. */
const UP = new Set(['ArrowUp', 'PageUp', 'Home']);

interface Props {
  source: LogSource;
  text: string;
  isWrapped: boolean;
  /** The line that the address or a jump means. */
  chosen: number | undefined;
  onChoose: (line: number) => void;
  /** Back from a chosen line or time. */
  onLive: () => void;
}

/** The lines, following the end until the reader goes away from it; more are fetched at the edges. */
export function LogView({ source, text, isWrapped, chosen, onChoose, onLive }: Props) {
  const lines = useLogState(source, (log) => log.lines);
  const isPast = useLogState(source, (log) => log.isPast);
  const held = useLogState(source, (log) => log.held);
  const scroller = useRef<HTMLDivElement>(null);
  const [isAway, setAway] = useState(chosen !== undefined);
  const isFollowing = !isAway && !isPast;
  const lastTop = useRef(0);
  const lastSize = useRef('');
  /** The chosen line that was gone to, or that the reader chose here. */
  const gone = useRef<number | undefined>(undefined);
  useEffect(() => source.follow(isFollowing), [source, isFollowing]);

  // Only the reader goes up; new lines only make the end move away.
  const goUp = () => {
    const element = scroller.current;
    if (element && element.scrollHeight > element.clientHeight) setAway(true);
  };
  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const top = element.scrollTop;
    const left = element.scrollHeight - top - element.clientHeight;
    // Where the window is turned, the browser goes up too.
    const size = `${element.clientWidth} ${element.clientHeight}`;
    const isUp = top < lastTop.current - 2 && size === lastSize.current;
    lastTop.current = top;
    lastSize.current = size;
    if (isFollowing) {
      if (isUp && left > END_PX) setAway(true);
      return;
    }
    if (isUp && top < EDGE_PX) void source.loadOlder();
    if (!isUp && left < EDGE_PX && isPast) void source.loadNewer();
    if (!isUp && left < END_PX && !isPast) setAway(false);
  };

  const backToLive = () => {
    source.backToLive();
    gone.current = undefined;
    onLive();
    setAway(false);
  };
  const choose = useCallback(
    (line: number) => {
      gone.current = line;
      onChoose(line);
    },
    [onChoose],
  );
  const shared = { lines, text, isWrapped, chosen, onChoose: choose, scroller };

  return (
    <div className="relative">
      <div
        ref={scroller}
        onScroll={onScroll}
        onWheel={({ deltaY }) => deltaY < 0 && goUp()}
        onTouchMove={goUp}
        onKeyDown={({ key }: KeyboardEvent) => UP.has(key) && goUp()}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reached with the keyboard
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t.log.title}
        className="h-[calc(100dvh-23rem)] min-h-80 overflow-auto rounded-lg border border-line bg-card py-1 font-mono text-xs leading-6 [overflow-anchor:none]"
      >
        {isFollowing ? <LogEnd {...shared} /> : <LogScroll {...shared} gone={gone} />}
      </div>
      {!isFollowing && (
        <Button
          size="sm"
          kind="main"
          icon={ArrowDown}
          onClick={backToLive}
          className="absolute right-4 bottom-3 rounded-full shadow-float"
        >
          {isPast ? t.log.backToLive : t.log.follow(held)}
        </Button>
      )}
    </div>
  );
}
