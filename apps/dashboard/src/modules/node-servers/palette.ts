import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Play, Plus, RotateCw, Router, Square } from 'lucide-react';
import type { PaletteItem } from '../../lib/module';
import { t } from '../../strings';
import { useWorkerAction, type WorkerAction } from './actions';
import { listQuery } from './queries';
import { possibleActions } from './state';

const icons = { start: Play, stop: Square, restart: RotateCw } as const;
const actions: readonly WorkerAction[] = ['start', 'stop', 'restart'];

/** Every node server, and what can be done with it now. */
export function usePalette(): PaletteItem[] {
  const navigate = useNavigate();
  const { mutate } = useWorkerAction();
  const { data: servers = [] } = useQuery(listQuery);
  const add: PaletteItem = {
    id: 'node-server add',
    group: t.palette.actions,
    label: t.nodeServers.add,
    icon: Plus,
    keywords: ['register', 'new', 'server.json'],
    run: () => void navigate({ to: '/node-servers/new' }),
  };
  return [
    ...servers.map(
      ({ id, name, state }): PaletteItem => ({
        id: `node-server ${id}`,
        group: t.nodeServers.title,
        label: name,
        hint: t.states[state],
        icon: Router,
        run: () => void navigate({ to: '/node-servers/$id', params: { id } }),
      }),
    ),
    add,
    ...servers.flatMap((server) => {
      const possible = possibleActions(server);
      return actions
        .filter((action) => possible[action])
        .map(
          (action): PaletteItem => ({
            id: `node-server ${action} ${server.id}`,
            group: t.palette.actions,
            label: t.actions.of[action](server.name),
            icon: icons[action],
            run: () => mutate({ id: server.id, name: server.name, action }),
          }),
        );
    }),
  ];
}
