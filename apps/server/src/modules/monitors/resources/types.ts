import type { MonitorSettings } from '@polyrelay/contract';
import type { Place, PushMessage } from '../types.js';

/** How a payload is made of messages: a monitor has all of these. */
export type PayloadFormat = Pick<MonitorSettings, 'formatType' | 'schemaType' | 'schemaData' | 'compression'>;

/** Bounds of one reading of the log for a monitor. */
export interface ReadOptions {
  /** Messages at the most. */
  limit: number;
  /** The monitor that reads: it is given its test events, too. */
  monitorId?: number | undefined;
  /** Up to this place, that one included; undefined: to the end of the log. */
  until?: Place | undefined;
}

/** A part of the log as a monitor sees it. */
export interface ReadPart {
  messages: PushMessage[];
  /** How far it looked: everything up to here was judged. */
  place: Place;
  /** Nothing is left behind it at present. */
  end: boolean;
}
