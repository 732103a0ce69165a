import type { Monitor } from '@polyrelay/contract';

/** How events are shown: as the monitor sends them. */
export interface ShownAs {
  formatType: Monitor['formatType'];
  /** What is sent is made by a template, of the events as they are shown. */
  hasTemplate: boolean;
}
