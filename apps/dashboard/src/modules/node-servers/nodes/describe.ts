import { controlOf, formatValue } from '@polyrelay/codecs';
import type {
  CommandDescription,
  Driver,
  Editor,
  Node,
  NodedefDescription,
  ProfileDescription,
} from '@polyrelay/contract';
import { t } from '../../../strings';

/** A driver as people read it. */
export interface Reading {
  driver: string;
  name: string;
  text: string;
  /** The number behind it, for plots; null when it is none. */
  number: number | null;
  /** An amount, whose line over time says something; a state's does not. */
  isQuantity: boolean;
  raw: Driver;
  editor: Editor | null;
}

/** The description of a node's kind, where its profile has one. */
export const nodedefOf = (
  profile: ProfileDescription | undefined,
  node: Node,
): NodedefDescription | undefined => profile?.nodedefs[node.nodedefId];

/** A driver's name: the profile's, else what the controller calls it, else its own. */
const nameOf = (driver: string, nodedef: NodedefDescription | undefined): string =>
  nodedef?.drivers.find((each) => each.driver === driver)?.name ||
  (t.drivers as Record<string, string>)[driver] ||
  driver;

/** One driver as people read it. */
export function read(driver: string, raw: Driver, nodedef: NodedefDescription | undefined): Reading {
  const editor = nodedef?.drivers.find((each) => each.driver === driver)?.editor ?? null;
  const number = Number(raw.value);
  return {
    driver,
    name: nameOf(driver, nodedef),
    text: formatValue(editor, { value: raw.value, uom: raw.uom }),
    isQuantity: isQuantity(editor, raw),
    number: String(raw.value).trim() !== '' && Number.isFinite(number) ? number : null,
    raw,
    editor,
  };
}

function isQuantity(editor: Editor | null, { uom }: Driver): boolean {
  const asked = { id: '', name: '', editor: editor ?? { id: '', ranges: [] }, init: null, optional: false };
  const { kind } = controlOf(asked, uom);
  return kind === 'slider' || kind === 'number';
}

/** All drivers of a node: those the profile names in its order, then the others by name. */
export function readings(node: Node, nodedef: NodedefDescription | undefined): Reading[] {
  const named = nodedef?.drivers.map(({ driver }) => driver) ?? [];
  const others = Object.keys(node.drivers)
    .filter((driver) => !named.includes(driver))
    .sort(
      (a, b) => Number(b === 'ST') - Number(a === 'ST') || a.localeCompare(b, undefined, { numeric: true }),
    );
  return [...named, ...others].flatMap((driver) => {
    const raw = node.drivers[driver];
    return raw ? [read(driver, raw, nodedef)] : [];
  });
}

const isBare = (command: CommandDescription): boolean => command.parameters.every(({ optional }) => optional);

/** Whether the node is switched by DON and DOF without further values: then a toggle serves. */
export function isSwitchable(nodedef: NodedefDescription | undefined): boolean {
  const bare = (id: string) =>
    nodedef?.accepts.some((command) => command.id === id && isBare(command)) === true;
  return bare('DON') && bare('DOF');
}

/** Whether a switchable node is on; null when it does not tell. */
export function isOn(node: Node): boolean | null {
  const status = node.drivers.ST;
  if (!status || String(status.value).trim() === '') return null;
  const number = Number(status.value);
  return Number.isFinite(number) ? number !== 0 : null;
}

/** Whether a node matches the search: by name, address, kind, or a value's name. */
export function matches(
  node: Node,
  nodedef: NodedefDescription | undefined,
  words: readonly string[],
): boolean {
  if (words.length === 0) return true;
  const text = `${node.name} ${node.address} ${node.nodedefId} ${nodedef?.name ?? ''} ${Object.keys(
    node.drivers,
  )
    .map((driver) => nameOf(driver, nodedef))
    .join(' ')}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
