import type { NodeServerSummary } from '@polyrelay/contract';
import { Play, RotateCw, Square } from 'lucide-react';
import type { ReactElement } from 'react';
import { t } from '../../../strings';
import { Menu, MenuItem } from '../../../ui/menu';
import { useWorkerAction, type WorkerAction } from '../actions';
import { possibleActions } from '../state';

const icons = { start: Play, restart: RotateCw, stop: Square } as const;
const actions: readonly WorkerAction[] = ['start', 'restart', 'stop'];

/** What can be done with a node server now. */
export default function RowMenuItems({
  server,
  trigger,
}: {
  server: NodeServerSummary;
  trigger: ReactElement;
}) {
  const { mutate } = useWorkerAction();
  const possible = possibleActions(server);
  const { id, name } = server;
  return (
    <Menu trigger={trigger}>
      {actions
        .filter((action) => possible[action])
        .map((action) => (
          <MenuItem key={action} icon={icons[action]} onSelect={() => mutate({ id, name, action })}>
            {t.actions.words[action]}
          </MenuItem>
        ))}
    </Menu>
  );
}
