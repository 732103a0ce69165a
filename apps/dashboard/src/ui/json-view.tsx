import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { type JsonRow, jsonRows, openDepth } from '../lib/json-rows';
import { t } from '../strings';
import { Button } from './button';
import { cx } from './cx';

const ROW_PX = 22;
/** A payload of more lines begins as its outline. */
const MOST_ROWS = 200;

/** JSON that can be folded; of a large one, only what is seen is drawn. */
export function JsonView({ value, label, className }: { value: unknown; label: string; className?: string }) {
  const [depth, setDepth] = useState(() => openDepth(value, MOST_ROWS));
  /** Folded or unfolded by hand, against the depth. */
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(
    () => jsonRows(value, (path, at) => at >= depth !== turned.has(path)),
    [value, depth, turned],
  );
  const scroller = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
    getItemKey: (index) => rows[index]?.path ?? index,
  });
  const turn = (path: string) => {
    const next = new Set(turned);
    if (!next.delete(path)) next.add(path);
    setTurned(next);
  };
  const setAll = (depth: number) => () => {
    setTurned(new Set());
    setDepth(depth);
  };
  const canFold = rows.some(({ kind }) => kind !== 'value');
  return (
    <div className="flex min-h-0 flex-col gap-2">
      {canFold && (
        <div className="flex flex-wrap gap-2">
          <Button size="sm" onClick={setAll(Number.POSITIVE_INFINITY)}>
            {t.json.unfoldAll}
          </Button>
          <Button size="sm" onClick={setAll(1)}>
            {t.json.foldAll}
          </Button>
        </div>
      )}
      <section
        ref={scroller}
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reached with the keyboard
        tabIndex={0}
        className={cx('overflow-auto rounded-md bg-sunken p-2 font-mono text-sm', className)}
      >
        <div style={{ height: virtual.getTotalSize() }} className="relative">
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return (
              row && (
                <div
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  style={{ transform: `translateY(${item.start}px)` }}
                  className="absolute inset-x-0 top-0"
                >
                  <Line row={row} onTurn={() => turn(row.path)} />
                </div>
              )
            );
          })}
        </div>
      </section>
    </div>
  );
}

const colors: Record<JsonRow['type'], string> = {
  string: 'text-good',
  number: 'text-busy',
  word: 'text-plot-2',
  bracket: 'text-soft',
};

function Line({ row, onTurn }: { row: JsonRow; onTurn: () => void }) {
  const { depth, name, kind, text, type, size, hasComma } = row;
  const canTurn = kind === 'open' || kind === 'folded';
  const Icon = kind === 'folded' ? ChevronRight : ChevronDown;
  const what = name ?? (depth === 0 ? t.json.theWhole : row.path.slice(row.path.lastIndexOf('/') + 1));
  return (
    <div className="flex items-start" style={{ paddingLeft: `${Math.min(depth, 16) * 0.9}rem` }}>
      {canTurn ? (
        <button
          type="button"
          onClick={onTurn}
          aria-expanded={kind === 'open'}
          aria-label={kind === 'open' ? t.json.fold(what) : t.json.unfold(what)}
          className="grid h-5.5 w-5 shrink-0 place-items-center rounded-sm text-faint hover:bg-hover hover:text-ink"
        >
          <Icon aria-hidden className="size-3.5" />
        </button>
      ) : (
        <span className="w-5 shrink-0" />
      )}
      <code className="min-w-0 leading-5.5 wrap-anywhere whitespace-pre-wrap">
        {name !== null && <span className="text-accent-strong">{JSON.stringify(name)}: </span>}
        <span className={colors[type]}>{text}</span>
        {hasComma && ','}
        {kind === 'folded' && <span className="ml-2 text-xs text-faint">{t.json.members(size)}</span>}
      </code>
    </div>
  );
}
