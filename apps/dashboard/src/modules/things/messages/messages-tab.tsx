import type { Thing } from '@polyrelay/contract';

/** What the thing sent and was sent. */
export function MessagesTab({ thing }: { thing: Thing }) {
  return <p>{thing.name}</p>;
}
