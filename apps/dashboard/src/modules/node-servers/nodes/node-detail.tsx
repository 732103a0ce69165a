import type { Node, NodedefDescription } from '@polyrelay/contract';
import { RefreshCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { ConfirmDialog } from '../../../ui/confirm';
import { RelativeTime } from '../../../ui/time';
import type { ServerFacts } from '../node-map';
import { base } from '../queries';
import { CommandControl } from './command-control';
import { readings } from './describe';
import { RawForm } from './raw-form';
import { useQueryNode } from './use-commands';
import { ValueTable } from './value-table';

interface Props {
  server: ServerFacts;
  node: Node;
  nodedef: NodedefDescription | undefined;
  onPlot: (plot: string) => void;
}

/** An opened node: all values, its commands as controls, a form for any other, and what else can be done. */
export function NodeDetail({ server, node, nodedef, onPlot }: Props) {
  const [isRemoving, setRemoving] = useState(false);
  const queryNode = useQueryNode(server.id);
  const all = readings(node, nodedef);
  const commands = nodedef?.accepts ?? [];
  const remove = async () => {
    await api.delete(`${base(server.id)}/nodes/${encodeURIComponent(node.address)}`);
    toast.success(t.nodes.removed(node.name));
  };
  return (
    <div className="grid gap-x-8 gap-y-5 px-4 pt-1 pb-5 lg:grid-cols-[3fr_2fr]">
      <section aria-label={t.nodes.values} className="min-w-0">
        <h2 className="mb-1 text-sm font-semibold text-soft">{t.nodes.values}</h2>
        <ValueTable id={server.id} address={node.address} readings={all} onPlot={onPlot} />
        <p className="mt-2 text-sm text-faint">
          {t.nodes.added} <RelativeTime at={node.timeAdded} />
        </p>
      </section>
      <div className="flex min-w-0 flex-col gap-5">
        {commands.length > 0 && (
          <section aria-label={t.nodes.commands}>
            <h2 className="mb-2 text-sm font-semibold text-soft">{t.nodes.commands}</h2>
            <div className="flex flex-wrap gap-2">
              {commands.map((command) => (
                <CommandControl key={command.id} id={server.id} node={node} command={command} />
              ))}
            </div>
          </section>
        )}
        <RawForm id={server.id} node={node} />
        <div className="flex flex-wrap gap-2">
          <Button
            size="sm"
            icon={RefreshCw}
            isBusy={queryNode.isPending}
            onClick={() => queryNode.mutate({ address: node.address, name: node.name })}
          >
            {t.nodes.query}
          </Button>
          <Button size="sm" kind="dangerQuiet" icon={Trash2} onClick={() => setRemoving(true)}>
            {t.nodes.remove}
          </Button>
        </div>
      </div>
      <ConfirmDialog
        isOpen={isRemoving}
        onClose={() => setRemoving(false)}
        title={t.nodes.removeTitle(node.name)}
        action={t.nodes.remove}
        onConfirm={remove}
      >
        {t.nodes.removeText}
      </ConfirmDialog>
    </div>
  );
}
