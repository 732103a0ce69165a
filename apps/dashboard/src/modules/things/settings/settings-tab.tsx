import type { Thing } from '@polyrelay/contract';

/** What can be changed about a thing, and how to be rid of it. */
export function SettingsTab({ thing }: { thing: Thing }) {
  return <p>{thing.name}</p>;
}
