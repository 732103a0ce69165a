import type { WorkerState } from '@polyrelay/contract';
import type { Tone } from '../../ui/badge';

/** How each state looks: one colour each, and whether something is under way. */
export const stateLooks: Record<WorkerState, { tone: Tone; isMoving?: boolean; isHollow?: boolean }> = {
  connected: { tone: 'good' },
  silent: { tone: 'warn', isHollow: true },
  crashed: { tone: 'bad' },
  stopped: { tone: 'idle', isHollow: true },
  installing: { tone: 'busy', isMoving: true },
  starting: { tone: 'busy', isMoving: true },
  stopping: { tone: 'busy', isMoving: true },
  deleting: { tone: 'idle', isMoving: true },
};

/** The order to sort by state: what needs a look first. */
export const stateOrder: Record<WorkerState, number> = {
  crashed: 0,
  silent: 1,
  installing: 2,
  starting: 3,
  stopping: 4,
  deleting: 5,
  connected: 6,
  stopped: 7,
};

/** Whether it has no process, and none is about to be. */
export const isDown = (state: WorkerState): boolean => state === 'stopped' || state === 'crashed';

interface Startable {
  state: WorkerState;
  runtime: string;
  connected: boolean;
}

/** What can be done with a worker now; one that the user runs cannot be started from here. */
export function possibleActions({ state, runtime, connected }: Startable): {
  start: boolean;
  stop: boolean;
  restart: boolean;
} {
  const isOurs = runtime !== 'local';
  if (state === 'deleting') return { start: false, stop: false, restart: false };
  return {
    start: isOurs && isDown(state),
    // A crashed worker is about to be started again: stopping it ends that.
    stop: isOurs ? state !== 'stopped' && state !== 'stopping' : connected,
    restart: isOurs && !isDown(state) && state !== 'stopping',
  };
}
