import type { Node, NodedefDescription, ProfileDescription } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { ChevronDown, CornerDownRight, Cpu } from 'lucide-react';
import { lazy, memo, Suspense, useMemo } from 'react';
import { t } from '../../../strings';
import { cx } from '../../../ui/cx';
import { Bone } from '../../../ui/states';
import type { ServerFacts } from '../node-map';
import { serverQuery } from '../queries';
import { isSwitchable, nodedefOf, type Reading, readings } from './describe';
import { iconOf } from './icon';
import { PowerSwitch } from './power-switch';
import { Spark } from './spark';
import { Value } from './value';

const NodeDetail = lazy(() => import('./node-detail').then((module) => ({ default: module.NodeDetail })));

interface Props {
  server: ServerFacts;
  address: string;
  depth: 0 | 1;
  profile: ProfileDescription | undefined;
  isOpen: boolean;
  onOpen: (address: string | undefined) => void;
  onPlot: (plot: string) => void;
}

/** One node: name, its first values, a sparkline and its switch; the rest when opened. */
export const NodeRow = memo(function NodeRow({
  server,
  address,
  depth,
  profile,
  isOpen,
  onOpen,
  onPlot,
}: Props) {
  const node = useQuery({
    ...serverQuery(server.id),
    select: (data) => data.nodes.byAddress.get(address),
  }).data;
  if (!node) return null;
  const nodedef = nodedefOf(profile, node);
  return (
    <div className={cx(depth === 1 && 'pl-5 sm:pl-8', isOpen && 'bg-page')}>
      <Head
        server={server}
        node={node}
        nodedef={nodedef}
        depth={depth}
        isOpen={isOpen}
        onToggle={() => onOpen(isOpen ? undefined : address)}
      />
      {isOpen && (
        <Suspense fallback={<Bone className="m-4 h-40" />}>
          <NodeDetail server={server} node={node} nodedef={nodedef} onPlot={onPlot} />
        </Suspense>
      )}
    </div>
  );
});

interface HeadProps {
  server: ServerFacts;
  node: Node;
  nodedef: NodedefDescription | undefined;
  depth: 0 | 1;
  isOpen: boolean;
  onToggle: () => void;
}

function Head({ server, node, nodedef, depth, isOpen, onToggle }: HeadProps) {
  const all = useMemo(() => readings(node, nodedef), [node, nodedef]);
  const Icon = node.isController ? Cpu : iconOf(node, nodedef);
  const plotted = all.find(({ number, isQuantity }) => number !== null && isQuantity) ?? null;
  return (
    <div className="relative flex min-h-17 items-center gap-3 px-4 py-2.5 hover:bg-hover">
      <span className="grid size-9 shrink-0 place-items-center rounded-md bg-sunken text-soft max-sm:hidden">
        <Icon aria-hidden className="size-4.5" />
      </span>
      <div className="min-w-0 flex-1 sm:max-w-64">
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={onToggle}
          data-list-item
          className="flex max-w-full items-center gap-1.5 text-left font-medium outline-offset-[-2px] after:absolute after:inset-0"
        >
          {depth === 1 && (
            <CornerDownRight aria-label={t.nodes.child} className="size-3.5 shrink-0 text-faint" />
          )}
          <span className="min-w-0 break-words">{node.name}</span>
        </button>
        <p className="truncate text-sm text-faint">
          {nodedef?.name || node.nodedefId} · <code className="font-mono text-xs">{node.address}</code>
        </p>
      </div>
      <Figures readings={all} />
      <span className="hidden w-24 shrink-0 lg:block">
        {plotted && !isOpen && <Spark id={server.id} address={node.address} reading={plotted} />}
      </span>
      <span className="relative flex shrink-0 justify-end sm:w-10">
        {isSwitchable(nodedef) && <PowerSwitch id={server.id} node={node} />}
      </span>
      <ChevronDown
        aria-hidden
        className={cx('size-4 shrink-0 text-faint transition-transform', isOpen && 'rotate-180')}
      />
    </div>
  );
}

/** As many values as fit, the most telling first. */
function Figures({ readings: all }: { readings: readonly Reading[] }) {
  if (all.length === 0) return <p className="text-right text-sm text-faint sm:flex-1">{t.nodes.noValues}</p>;
  return (
    <dl className="flex min-w-0 justify-end gap-x-2 overflow-hidden max-sm:max-w-28 sm:flex-1">
      {all.slice(0, 3).map((reading, index) => (
        <div
          key={reading.driver}
          className={cx(
            'min-w-0 text-right sm:w-30',
            index === 1 && 'hidden sm:block',
            index === 2 && 'hidden xl:block',
          )}
        >
          <dt className="truncate text-xs text-faint">{reading.name}</dt>
          <dd className="truncate font-medium">
            <Value text={reading.text} changedAt={reading.raw.changedAt} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
