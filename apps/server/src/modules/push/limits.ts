/** What a connection may take, in time and memory. A test has its own. */
export interface Limits {
  /** To send the request that signs in, TLS included. */
  requestMs: number;
  /** To be answered: the database may be away. */
  answerMs: number;
  /** Connections that have not signed in. */
  strangers: number;
  strangersOfAddress: number;
  /** Without a written block, or an acknowledgement, while some are out. */
  stalledMs: number;
  /** To close, for a client that was told that it ends. */
  lingerMs: number;
  /** How often these times are looked at. */
  sweepMs: number;
  /** Blocks that are out, and what they may hold. */
  window: { blocks: number; bytes: number };
}

export const LIMITS: Limits = {
  requestMs: 10_000,
  answerMs: 30_000,
  strangers: 1000,
  strangersOfAddress: 200,
  stalledMs: 5 * 60_000,
  lingerMs: 5000,
  sweepMs: 1000,
  window: { blocks: 64, bytes: 256 * 1024 },
};
