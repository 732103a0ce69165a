import { live } from './live';

/**
 * For answers that live events keep true. Fetching waits until they are listened to: what changes between
 * the answer and the first event would be missed otherwise.
 */
export const whenLive =
  <T>(fetchIt: (signal: AbortSignal) => Promise<T>) =>
  async ({ signal }: { signal: AbortSignal }): Promise<T> => {
    await live.settled();
    return fetchIt(signal);
  };
