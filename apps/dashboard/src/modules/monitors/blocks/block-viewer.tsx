import type { MonitorBlock, MonitorBlockContent } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { ApiError } from '../../../lib/api';
import { bytes, exact, stepTime } from '../../../lib/format';
import { t } from '../../../strings';
import { CopyWideButton } from '../../../ui/copy';
import { Dialog } from '../../../ui/dialog';
import { type Fact, Facts } from '../../../ui/facts';
import { Bone, Failure } from '../../../ui/states';
import { Stepper } from '../../../ui/stepper';
import { BlockBadge } from './block-list';
import { PayloadView } from './payload-view';
import { blockQuery } from './queries';

interface Props {
  monitorId: number;
  seq: number;
  /** The list that it stands in, newest first. */
  blocks: readonly MonitorBlock[];
  /** Goes to another block, or to none. */
  onChange: (seq: number | undefined) => void;
}

/** One block with its whole payload; the arrow keys go through the list. */
export function BlockViewer({ monitorId, seq, blocks, onChange }: Props) {
  const block = useQuery(blockQuery(monitorId, seq));
  const at = blocks.findIndex((each) => each.seq === seq);
  const isGone = block.error instanceof ApiError && block.error.status === 404;
  return (
    <Dialog
      isOpen
      onClose={() => onChange(undefined)}
      title={t.monitors.blocks.number(seq)}
      size="lg"
      footer={
        <>
          {at !== -1 && (
            <Stepper newer={blocks[at - 1]?.seq} older={blocks[at + 1]?.seq} onChange={onChange} />
          )}
          {typeof block.data?.payload === 'string' && (
            <CopyWideButton text={block.data.payload} what={t.monitors.blocks.payload} kind="main" />
          )}
        </>
      }
    >
      {block.data ? (
        <Content key={seq} block={{ ...block.data, ...blocks[at] }} />
      ) : isGone ? (
        <p className="py-8 text-center text-soft">{t.monitors.blocks.gone}</p>
      ) : block.error ? (
        <Failure error={block.error} onRetry={() => void block.refetch()} />
      ) : (
        <Bone className="h-80" />
      )}
    </Dialog>
  );
}

function Content({ block }: { block: MonitorBlockContent }) {
  const { facts } = t.monitors.blocks;
  const { state, blockId, events, attempts, error, sentAt, deliveredAt, payload } = block;
  const took = deliveredAt === null ? null : Date.parse(deliveredAt) - Date.parse(sentAt);
  const all: (Fact | false)[] = [
    {
      label: facts.state,
      value: (
        <span className="flex flex-wrap items-center gap-2">
          <BlockBadge state={state} />
          {took !== null && <span className="text-sm text-faint">{facts.after(stepTime(took))}</span>}
        </span>
      ),
    },
    { label: facts.blockId, value: blockId },
    { label: facts.events, value: events },
    { label: facts.size, value: bytes(block.bytes) },
    { label: facts.sent, value: exact(Date.parse(sentAt)) },
    { label: facts.attempts, value: attempts },
    error !== null && { label: facts.error, value: <span className="text-bad">{error}</span> },
  ];
  return (
    <div className="flex flex-col gap-4">
      <Facts columns={2} facts={all.filter((fact) => fact !== false)} />
      {payload === null ? (
        <p className="text-soft">{t.monitors.blocks.payloadGone}</p>
      ) : (
        <PayloadView payload={payload} />
      )}
    </div>
  );
}
