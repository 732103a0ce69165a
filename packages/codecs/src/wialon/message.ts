import { POSITION_FIELDS, type WialonPacket, type WialonPosition, type WialonValue } from './format.js';

/**
 * A packet as a message: `ident`, `timestamp`, and its blocks by name; the position in dotted names. The last of
 * several blocks with one name is taken; unknown blocks, and any called “ident” or “timestamp”, are only in the packet.
 */
export function messageOfWialon(packet: WialonPacket): Record<string, WialonValue> {
  const fields = packet.blocks.flatMap((block): [string, WialonValue][] => {
    if (block.kind === 'value') return [[block.name, block.value]];
    if (block.kind === 'unknown') return [];
    const names = Object.keys(POSITION_FIELDS) as (keyof WialonPosition)[];
    return names.map((name) => [POSITION_FIELDS[name], block.position[name]]);
  });
  // Not by assignment: a name may be __proto__.
  return Object.fromEntries([
    ['ident', packet.ident],
    ['timestamp', packet.time],
    ...fields.filter(([name]) => name !== 'ident' && name !== 'timestamp'),
  ]);
}
