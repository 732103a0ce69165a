import type { BlockState, MonitorBlock } from '@polyrelay/contract';
import { useCallback } from 'react';
import { bytes, exact, moment } from '../../../lib/format';
import { useNow } from '../../../lib/now';
import { t } from '../../../strings';
import { Badge, type Tone } from '../../../ui/badge';
import { useFlash } from '../../../ui/flash';
import { RowList } from '../../../ui/row-list';

interface Props {
  blocks: readonly MonitorBlock[];
  onOpen: (block: MonitorBlock) => void;
  /** The reader is in the list: nothing may move under the pointer. */
  onBusy: (isBusy: boolean) => void;
  /** The end of what is here comes near. */
  onEnd: (() => void) | null;
  isPaging: boolean;
}

/** Blocks as rows. */
export function BlockList({ blocks, onOpen, onBusy, onEnd, isPaging }: Props) {
  const now = useNow();
  return (
    <RowList
      label={t.monitors.blocks.title}
      count={blocks.length}
      keyOf={useCallback((index: number) => blocks[index]?.seq ?? index, [blocks])}
      row={(index) => {
        const block = blocks[index];
        return block && <BlockRow block={block} now={now} onOpen={() => onOpen(block)} />;
      }}
      onBusy={onBusy}
      onEnd={onEnd}
      paging={isPaging ? t.monitors.blocks.loadingOlder : undefined}
    />
  );
}

function BlockRow({ block, now, onOpen }: { block: MonitorBlock; now: number; onOpen: () => void }) {
  const { seq, events, state, attempts, error, sentAt } = block;
  const ms = Date.parse(sentAt);
  const row = useFlash<HTMLButtonElement>(state);
  return (
    <button
      ref={row}
      type="button"
      onClick={onOpen}
      data-list-item
      className="flex min-h-11 w-full flex-wrap items-center gap-x-4 gap-y-0.5 px-3 py-1.5 text-left outline-offset-[-3px] hover:bg-hover"
    >
      <span className="font-medium whitespace-nowrap sm:w-28">
        <span className="sr-only">{t.monitors.blocks.open} </span>
        {t.monitors.blocks.number(seq)}
      </span>
      <time
        dateTime={sentAt}
        data-tip={exact(ms)}
        className="font-mono text-xs whitespace-nowrap text-faint sm:w-32"
      >
        {moment(ms, now)}
      </time>
      <span className="text-sm whitespace-nowrap text-soft sm:w-24">{t.monitors.blocks.events(events)}</span>
      <span className="text-sm whitespace-nowrap text-faint sm:w-16">{bytes(block.bytes)}</span>
      <span className="min-w-0 flex-1 truncate text-sm text-bad max-sm:order-last max-sm:basis-full max-sm:empty:hidden">
        {error}
      </span>
      {attempts > 1 && (
        <span className="text-sm whitespace-nowrap text-warn">{t.monitors.blocks.attempts(attempts)}</span>
      )}
      <BlockBadge state={state} />
    </button>
  );
}

const tones: Record<BlockState, Tone> = { sent: 'busy', delivered: 'good', failed: 'bad' };

/** What became of a block. */
export const BlockBadge = ({ state }: { state: BlockState }) => (
  <Badge tone={tones[state]} isHollow={state === 'sent'} tip={t.monitors.blocks.stateTips[state]}>
    {t.monitors.blocks.states[state]}
  </Badge>
);
