import type { Thing } from '@polyrelay/contract';

/** Sends a message to the thing. */
export function SendTab({ thing }: { thing: Thing }) {
  return <p>{thing.name}</p>;
}
