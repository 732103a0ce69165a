import type { Controller, NodeServerSummary } from '@polyrelay/contract';
import { t } from '../strings';

const SLOTS = Array.from({ length: 25 }, (_, index) => index + 1);

interface Props {
  controller: Controller | undefined;
  servers: readonly NodeServerSummary[];
  /** The slot that is one's own, free to keep. */
  own?: number;
}

/** The 25 slots as options; a taken one names who has it and cannot be chosen. */
export function SlotOptions({ controller, servers, own }: Props) {
  const takenBy = new Map(
    servers
      .filter(({ controllerId }) => controllerId === controller?.id)
      .map(({ slot, name }) => [slot, name]),
  );
  return SLOTS.map((slot) => {
    const isTaken = slot !== own && (takenBy.has(slot) || controller?.slotsUsed.includes(slot) === true);
    return (
      <option key={slot} value={slot} disabled={isTaken}>
        {isTaken ? t.register.takenSlot(slot, takenBy.get(slot)) : slot}
      </option>
    );
  });
}
