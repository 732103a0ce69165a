import { useState } from 'react';
import { type Draft, emptyDraft } from './draft';

/** What was typed for each thing, while the page lives: looking into another tab loses nothing. */
const drafts = new Map<string, Draft>();

/** The message to a thing that is being written. */
export function useDraft(thingId: string) {
  const [draft, setDraft] = useState(() => drafts.get(thingId) ?? emptyDraft);
  const change = (next: Partial<Draft>) =>
    setDraft((before) => {
      const all = { ...before, ...next };
      drafts.set(thingId, all);
      return all;
    });
  return { draft, change };
}
