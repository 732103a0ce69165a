import type { Node } from '@polyrelay/contract';
import { useEffect, useState } from 'react';
import { t } from '../../../strings';
import { Switch } from '../../../ui/switch';
import { isOn } from './describe';
import { useSendCommand } from './use-commands';

/** How long a wish is shown before the node's own word counts again. */
const WISH_MS = 5000;

/** On and off for nodes that take DON and DOF; shows the wish until the node reports. */
export function PowerSwitch({ id, node }: { id: string; node: Node }) {
  const send = useSendCommand(id);
  const status = node.drivers.ST;
  const [wish, setWish] = useState<boolean | null>(null);
  useEffect(() => {
    if (wish === null) return;
    const timer = setTimeout(() => setWish(null), WISH_MS);
    return () => clearTimeout(timer);
  }, [wish]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever the node reports ends the wish
  useEffect(() => setWish(null), [status?.value, status?.changedAt]);
  return (
    <span className="flex">
      <Switch
        label={t.nodes.power(node.name)}
        isLabelHidden
        checked={wish ?? isOn(node) ?? false}
        isBusy={wish !== null}
        onChange={(on) => {
          setWish(on);
          const command = { cmd: on ? 'DON' : 'DOF' };
          send.mutate(
            { address: node.address, name: node.name, command, label: on ? t.nodes.on : t.nodes.off },
            { onError: () => setWish(null), onSuccess: ({ delivered }) => delivered || setWish(null) },
          );
        }}
      />
    </span>
  );
}
