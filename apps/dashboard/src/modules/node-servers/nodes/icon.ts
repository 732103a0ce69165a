import type { Node, NodedefDescription } from '@polyrelay/contract';
import {
  Activity,
  Box,
  DoorOpen,
  Droplets,
  Fan,
  Gauge,
  Lightbulb,
  Lock,
  type LucideIcon,
  Music,
  Plug,
  Thermometer,
  ToggleLeft,
  Zap,
} from 'lucide-react';

/** Words in a kind's icon, name or id, and the picture they stand for. */
const pictures: readonly [RegExp, LucideIcon][] = [
  [/therm|temp|climate|hvac/i, Thermometer],
  [/lamp|light|bulb|dimmer/i, Lightbulb],
  [/lock/i, Lock],
  [/door|window|contact|garage/i, DoorOpen],
  [/fan|vent/i, Fan],
  [/humid|water|leak|irrigation|sprinkler/i, Droplets],
  [/energy|power|meter|solar|battery/i, Zap],
  [/plug|outlet|socket|relay/i, Plug],
  [/switch/i, ToggleLeft],
  [/audio|music|media|speaker/i, Music],
  [/motion|sensor|occup/i, Activity],
  [/gauge|weather|pressure|co2/i, Gauge],
];

/** A picture for a node, guessed from what its profile and its name say. */
export function iconOf(node: Node, nodedef: NodedefDescription | undefined): LucideIcon {
  const words = `${nodedef?.icon ?? ''} ${nodedef?.name ?? ''} ${node.nodedefId} ${node.name}`;
  return pictures.find(([pattern]) => pattern.test(words))?.[1] ?? Box;
}
