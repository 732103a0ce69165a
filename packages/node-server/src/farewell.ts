import type { Controller } from './controller.js';
import { within } from './hooks.js';

/** What a farewell needs of a node server. */
export interface Parting {
  controller(): Controller;
  run(hook: string, work: () => unknown): Promise<boolean>;
  /** No more polls. */
  pause(): void;
  /** Says `connected: false` after everything else. */
  lastWord(): Promise<void>;
  close(): Promise<void>;
  exit(code: number): void;
}

/** Milliseconds until the service kills the process (PGC section 4), less a margin. */
const patience = { stop: 1_800, delete: 4_800 } as const;

/** The polite end: the author's `stop`, then `connected: false`, then DISCONNECT. */
export const goodbye = async (parting: Parting): Promise<void> => {
  parting.pause();
  await within(
    1_000,
    parting.run('stop', () => parting.controller().stop()),
  );
  await within(500, parting.lastWord());
  await parting.close();
};

/** Removed at the service: the author cleans up, and nothing is said any more, not even goodbye. */
export const removed = async (parting: Parting): Promise<void> => {
  parting.pause();
  await within(
    4_000,
    parting.run('delete', () => parting.controller().delete()),
  );
  await parting.close();
};

/** Ends the process when the farewell is through, at the latest a little before it would be killed. */
export const leave = (parting: Parting, reason: keyof typeof patience, farewell: Promise<void>): void => {
  void within(patience[reason], farewell).then(() => parting.exit(0));
};
