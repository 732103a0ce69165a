/** A worker that was told to stop has this long (PGC section 4). */
export const STOP_MS = 2000;

/** A worker that has not connected by then is shown as silent. */
export const CONNECT_MS = 60_000;
