import { Play } from 'lucide-react';
import { t } from '../../strings';
import { Button } from '../../ui/button';
import { useWorkerAction } from './actions';
import type { ServerFacts } from './node-map';
import { possibleActions } from './state';

/** Starts the worker, where that can be done. */
export function StartButton({
  server,
  label = t.actions.words.start,
}: {
  server: ServerFacts;
  label?: string;
}) {
  const { mutate, isPending } = useWorkerAction();
  const { id, name } = server;
  if (!possibleActions(server).start) return null;
  return (
    <Button
      size="sm"
      kind="main"
      icon={Play}
      isBusy={isPending}
      onClick={() => mutate({ id, name, action: 'start' })}
    >
      {label}
    </Button>
  );
}
