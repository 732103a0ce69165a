import type { WorkerState } from '@polyrelay/contract';

/** What happens to a worker. */
export type LifecycleEvent =
  | { type: 'start' }
  | { type: 'stop' }
  | { type: 'restart' }
  /** The worker itself asks for it: that counts as a start, so that it cannot ask for ever. */
  | { type: 'restartAsked' }
  /** Another release is in place; `trial`: it has to connect, or the one before comes back. */
  | { type: 'released'; trial: boolean }
  | { type: 'installed' }
  | { type: 'installFailed'; reason: string }
  | { type: 'connected' }
  | { type: 'connectTimedOut' }
  | { type: 'exited'; reason: string }
  | { type: 'retryDue' };

/** What the supervisor is to do about it. */
export type Effect =
  | { do: 'install' }
  /** The release on trial has connected. */
  | { do: 'keepRelease' }
  /** It has not: put the one before in place, and install that where it is gone. */
  | { do: 'rollBack'; reason: string }
  | { do: 'spawn' }
  | { do: 'stop' }
  | { do: 'retryIn'; ms: number }
  | { do: 'cancelRetry' };

/** A worker's lifecycle: all that decides what comes next. */
export interface Lifecycle {
  state: Exclude<WorkerState, 'deleting'>;
  /** Why, in words for the user. */
  reason: string;
  /** After its process has ended: start again. */
  again: boolean;
  /** Ends without a quiet time between them. */
  failures: number;
  /** When its process was started, in the last ten minutes. */
  starts: number[];
  connectedAt: number | null;
  /** A new release runs, or is about to, and has not connected yet. */
  trial: boolean;
  /** Why the release on trial is taken back, when its process has ended. */
  takenBack: string | null;
}

export const initialLifecycle: Lifecycle = {
  state: 'stopped',
  reason: '',
  again: false,
  failures: 0,
  starts: [],
  connectedAt: null,
  trial: false,
  takenBack: null,
};

const MINUTE_MS = 60_000;

/** Back-off after a crash: 1, 2, 4 … 300 s. */
const FIRST_DELAY_MS = 1000;
const LAST_DELAY_MS = 300_000;

/** A worker that was connected this long has recovered: its next crash waits 1 s again. */
const QUIET_MS = 2 * MINUTE_MS;

/** At most so many starts in this time; then it waits for the user. */
const MAX_STARTS = 10;
const STARTS_SPAN_MS = 10 * MINUTE_MS;

const TOO_OFTEN = `It was started ${MAX_STARTS} times in 10 minutes; start it again when the cause is fixed.`;

interface Step {
  next: Lifecycle;
  effects: Effect[];
}

/** The state machine. Pure: `now` in ms, effects are carried out by the supervisor, which answers with events. */
export function transition(life: Lifecycle, event: LifecycleEvent, now: number): Step {
  switch (event.type) {
    case 'start':
      // Stopped and started again before it has ended: it comes back when it has.
      if (life.state === 'stopping') return stopping(life, true, 'Restarting');
      return isRunning(life) ? stay(life) : begin({ ...life, failures: 0, starts: [] });
    case 'restart':
      return isRunning(life)
        ? stopping({ ...life, starts: [] }, true, 'Restarting')
        : begin({ ...life, failures: 0, starts: [] });
    case 'restartAsked':
      // One that was told to stop cannot ask to come back.
      return hasStarted(life) ? stopping(life, true, 'Restarting: it asked for it') : stay(life);
    case 'released':
      return released({ ...life, trial: event.trial, takenBack: null });
    case 'stop':
      if (life.state === 'stopped') return stay(life);
      if (isRunning(life)) return stopping(life, false, '');
      return {
        next: { ...life, state: 'stopped', reason: '', again: false },
        effects: [{ do: 'cancelRetry' }],
      };
    case 'installed':
      return life.state === 'installing' ? spawn(life, now) : stay(life);
    case 'installFailed':
      if (life.state === 'stopping') return ended(life, now);
      return { next: { ...life, state: 'crashed', reason: event.reason }, effects: [] };
    case 'connected':
      if (life.state !== 'starting' && life.state !== 'silent') return stay(life);
      return {
        next: { ...life, state: 'connected', reason: '', connectedAt: now, trial: false },
        effects: life.trial ? [{ do: 'keepRelease' }] : [],
      };
    case 'connectTimedOut':
      if (life.state !== 'starting') return stay(life);
      if (life.trial)
        return stopping({ ...life, trial: false, takenBack: 'it did not connect' }, true, TAKING_BACK);
      return { next: { ...life, state: 'silent', reason: NOT_CONNECTED }, effects: [] };
    case 'exited':
      if (life.state === 'stopping') return ended(life, now);
      return life.trial ? takeBack(life, event.reason) : crashed(life, event.reason, now);
    case 'retryDue':
      return life.state === 'crashed' ? spawn(life, now) : stay(life);
  }
}

const TAKING_BACK = 'Going back to the release before';

const NOT_CONNECTED = 'It runs, but has not connected. Its log may say why.';

/** Whether there is a process, or one is being prepared. */
export const isRunning = ({ state }: Lifecycle): boolean =>
  state === 'installing' ||
  state === 'starting' ||
  state === 'connected' ||
  state === 'silent' ||
  state === 'stopping';

/** Whether its process runs, and nobody has told it to stop. */
const hasStarted = ({ state }: Lifecycle): boolean =>
  state === 'starting' || state === 'connected' || state === 'silent';

const stay = (next: Lifecycle): Step => ({ next, effects: [] });

const begin = (life: Lifecycle): Step => ({
  next: { ...life, state: 'installing', reason: 'Preparing', again: false },
  effects: [{ do: 'cancelRetry' }, { do: 'install' }],
});

const stopping = (life: Lifecycle, again: boolean, reason: string): Step => ({
  next: { ...life, state: 'stopping', reason, again },
  effects: life.state === 'stopping' ? [] : [{ do: 'stop' }],
});

function ended(life: Lifecycle, now: number): Step {
  const next = { ...life, connectedAt: null };
  if (!life.again) {
    // Stopped while it was about to be taken back: it is on trial again when it is started.
    const trial = life.trial || life.takenBack !== null;
    return { next: { ...next, state: 'stopped', reason: '', trial, takenBack: null }, effects: [] };
  }
  if (life.takenBack !== null) return takeBack(next, life.takenBack);
  if (recent(life.starts, now).length >= MAX_STARTS)
    return {
      next: {
        ...next,
        state: 'crashed',
        again: false,
        reason: `It asked to be restarted again. ${TOO_OFTEN}`,
      },
      effects: [],
    };
  return begin(next);
}

/** A running worker changes over; a stopped one when it is started. */
function released(life: Lifecycle): Step {
  if (life.state === 'stopping') return stay({ ...life, starts: [], failures: 0 });
  if (isRunning(life))
    return stopping({ ...life, starts: [], failures: 0 }, true, 'Changing to the new release');
  return life.state === 'crashed' ? begin({ ...life, starts: [], failures: 0 }) : stay(life);
}

const takeBack = (life: Lifecycle, reason: string): Step => ({
  next: {
    ...life,
    state: 'installing',
    reason: TAKING_BACK,
    again: false,
    trial: false,
    takenBack: null,
    starts: [],
  },
  effects: [{ do: 'cancelRetry' }, { do: 'rollBack', reason }],
});

const spawn = (life: Lifecycle, now: number): Step => ({
  next: {
    ...life,
    state: 'starting',
    reason: 'Waiting for it to connect',
    starts: [...recent(life.starts, now), now],
    connectedAt: null,
  },
  effects: [{ do: 'spawn' }],
});

function crashed(life: Lifecycle, reason: string, now: number): Step {
  const recovered = life.connectedAt !== null && now - life.connectedAt >= QUIET_MS;
  const failures = recovered ? 1 : life.failures + 1;
  const next: Lifecycle = {
    ...life,
    state: 'crashed',
    failures,
    connectedAt: null,
    starts: recent(life.starts, now),
    reason: '',
  };
  if (next.starts.length >= MAX_STARTS) {
    return {
      next: {
        ...next,
        reason: `${reason}. ${TOO_OFTEN}`,
      },
      effects: [],
    };
  }
  const ms = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LAST_DELAY_MS);
  return {
    next: { ...next, reason: `${reason}. Starting again in ${ms / 1000} s.` },
    effects: [{ do: 'retryIn', ms }],
  };
}

const recent = (starts: number[], now: number): number[] => starts.filter((at) => now - at < STARTS_SPAN_MS);
