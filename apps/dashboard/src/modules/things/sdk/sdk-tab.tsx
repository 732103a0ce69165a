import type { Thing } from '@polyrelay/contract';

/** What the thing runs, to download. */
export function SdkTab({ thing }: { thing: Thing }) {
  return <p>{thing.name}</p>;
}
