import type { ChannelReader } from '@polyrelay/contract';

/** How many messages wait for a reader now: it says how far it is, and the channel how far it goes. */
export const lagOf = (
  { currKey }: Pick<ChannelReader, 'currKey'>,
  { firstKey, nextKey }: { firstKey: number; nextKey: number },
): number => Math.max(0, nextKey - Math.max(currKey, firstKey));

/** Whether one reader takes away what another one has not read. */
export const areInTheWay = (readers: readonly Pick<ChannelReader, 'deletes'>[]): boolean =>
  readers.length > 1 && readers.some(({ deletes }) => deletes);
