import type { Installation, Release } from '@polyrelay/contract';
import { t } from '../../../strings';
import type { ServerFacts } from '../node-map';
import { isDown } from '../state';

/** `abc1234`, as repositories show commits. */
export const shortCommit = (commit: string): string => commit.slice(0, 7);

/** What people call a release: its version, else its commit, else its number. */
export function nameOf({ version, commit, number }: Release): string {
  if (version !== '') return version;
  return commit === null ? t.installation.release(number) : shortCommit(commit);
}

/** What an installation is for whoever looks at it. */
export type Situation =
  /** Under way, or nothing but to be started. */
  | 'running'
  | 'trial'
  /** Waits for the worker to be started. */
  | 'waiting'
  /** Could not be installed at all. */
  | 'notInstalled'
  /** The update failed, what ran goes on. */
  | 'notUpdated'
  /** The new release was not kept. */
  | 'takenBack'
  | 'over';

type Seen = Pick<ServerFacts, 'state' | 'installation' | 'installed' | 'previous'>;

export function situationOf({ state, installation, installed, previous }: Seen): Situation {
  switch (installation?.state) {
    case 'running':
      return 'running';
    case 'trial':
      if (!isDown(state)) return 'trial';
      return state === 'stopped' ? 'waiting' : 'over';
    case 'failed':
      if (installed === null) return 'notInstalled';
      if (installation.kind === 'update') return 'notUpdated';
      // What was installed could not be put in place again, such as for another runtime.
      return state === 'crashed' ? 'notInstalled' : 'over';
    case 'rolledBack':
      // Whoever goes back themselves can change over again; one that failed is gone.
      return previous === null ? 'takenBack' : 'over';
    default:
      return 'over';
  }
}

/** Why nothing can be installed now; null when it can. */
export function whyNoUpdate(server: ServerFacts): string | null {
  if (server.state === 'deleting') return t.installation.whyNot.deleting;
  if (server.runtime === 'local') return t.installation.whyNot.local;
  const situation = situationOf(server);
  const isBusy = situation === 'running' || situation === 'trial' || server.state === 'installing';
  return isBusy ? t.installation.whyNot.busy : null;
}

/** How long a step took, in ms; null while it runs. */
export function lengthOf({ startedAt, endedAt }: Installation['steps'][number]): number | null {
  return endedAt === null ? null : Math.max(0, Date.parse(endedAt) - Date.parse(startedAt));
}
