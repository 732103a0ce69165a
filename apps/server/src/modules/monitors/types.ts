import type { MonitorSettings } from '@polyrelay/contract';
import type { RecordedEvent } from '#core/events/types.js';

/** A monitor as the service works with it; its secrets are opened. */
export interface MonitorRecord extends MonitorSettings {
  id: number;
  ownerId: string;
  signingSecret: string;
  createdAt: Date;
}

/**
 * Whether a monitor goes on where it was when it is connected again: with replay, with explicit acknowledgement (what
 * was not acknowledged must not be lost), and over HTTP.
 */
export const keepsPlace = ({
  transportType,
  ackOption,
  autoReplayOnConnect,
}: Pick<MonitorSettings, 'transportType' | 'ackOption' | 'autoReplayOnConnect'>): boolean =>
  transportType === 'http' || ackOption === 'explicit' || autoReplayOnConnect;

/**
 * A place in the stream of messages: 16 × id of the event + which of the messages made of it. A monitor has been
 * delivered everything up to its place, that one included.
 */
export type Place = number;

/** Messages that are made of one event at the most. */
export const PARTS = 16;

export const placeOf = (eventId: number, part: number): Place => eventId * PARTS + part;

/** The place behind everything that is made of an event. */
export const placeAfter = (eventId: number): Place => eventId * PARTS + PARTS - 1;

/** The event that a place is in. */
export const eventIdOf = (place: Place): number => Math.floor(place / PARTS);

/** What an event is for monitors: one resource that something happened to. Cheap to make, and not rendered yet. */
export interface ResourceFact {
  place: Place;
  ownerId: string;
  /** Such as `DeviceCore`. */
  resource: string;
  /** Levels of the topic behind the resource, such as `['7201', '0']`. */
  path: string[];
  operation: RecordedEvent['operation'];
  group: string;
  /** Only this monitor is sent it; undefined: every one whose topics match. */
  monitorId: number | undefined;
  event: RecordedEvent;
}

/** A fact that can be sent. Both texts are made once, whoever asks. */
export interface PushMessage extends ResourceFact {
  /** The `Msg` object: `{"topic":…,"operation":…,"timestamp":…,"group":…,"DeviceCore":{…}}`. */
  readonly json: string;
  /** The `<Msg>` element. */
  readonly xml: string;
}

/** So many events, made one payload. */
export interface Block {
  /** Grows with each block of the monitor; the same when it is sent again. */
  seq: number;
  /** 1 to 65535, then 1 again. */
  blockId: number;
  count: number;
  firstPlace: Place;
  lastPlace: Place;
  /** As it goes out: in the monitor’s format, compressed if it asks for that. */
  payload: Buffer;
  /** How often it was sent before. */
  attempts: number;
}

/** Why a session ends. */
export type SessionEnd = 'takenOver' | 'changed' | 'deleted' | 'disabled' | 'closing' | 'failed';

/** Where the blocks of a monitor go: a TCP session, or requests to an HTTP server. */
export interface BlockSink {
  /**
   * Takes a block; first a turn of the event loop after the session was opened, so that an answer can go out before.
   * Not called again before the window has room: see {@link PushSession.delivered}, which it may call at once.
   */
  send(block: Block): void;
  /** There will be no more blocks, and nothing that it tells is heard any more. Not called for its own `close`. */
  end(reason: SessionEnd): void;
}

export interface SessionOptions {
  /** Address of the client, for people. */
  peer: string;
  /** Blocks and bytes that may be out and not delivered. */
  window: { blocks: number; bytes: number };
  /** Not while another session of the monitor is alive: then it is refused, not taken over. For runners of HTTP. */
  ifFree?: boolean;
}

/** A monitor being delivered to a sink, by this process alone. */
export interface PushSession {
  readonly monitor: MonitorRecord;
  /** A block reached its reader (written, acknowledged, or answered with success). Of one not out: false, nothing happens. */
  delivered(blockId: number): boolean;
  /** A block did not; it stays out, and the sink sends it again itself or closes. */
  failed(blockId: number, error: string): void;
  /** Ends it. Resolves when what was delivered is noted. */
  close(): Promise<void>;
}
