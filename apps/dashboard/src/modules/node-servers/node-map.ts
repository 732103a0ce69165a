import type { Driver, Node, NodeServer } from '@polyrelay/contract';

/** A node server without its nodes. */
export type ServerFacts = Omit<NodeServer, 'nodes'>;

/** Nodes by address; `structure` stays the same object until one comes, goes, or is named or placed anew. */
export interface NodeMap {
  byAddress: ReadonlyMap<string, Node>;
  structure: Structure;
}

export interface Structure {
  /** Addresses in the order to show them: every parent before its children. */
  rows: readonly { address: string; depth: 0 | 1 }[];
}

/** One node server as the cache holds it. Parts keep their identity until they change: whoever selects one renders no more than needed. */
export interface ServerData {
  server: ServerFacts;
  nodes: NodeMap;
}

/** Brings an answer of the service into the cache's shape. */
export function toServerData({ nodes, ...server }: NodeServer): ServerData {
  return { server, nodes: nodeMapOf(Object.values(nodes)) };
}

export function nodeMapOf(nodes: Iterable<Node>): NodeMap {
  const byAddress = new Map<string, Node>();
  for (const node of nodes) byAddress.set(node.address, node);
  return { byAddress, structure: structureOf(byAddress) };
}

const byName = (a: Node, b: Node): number =>
  Number(b.isController) - Number(a.isController) ||
  a.name.localeCompare(b.name, undefined, { numeric: true }) ||
  a.address.localeCompare(b.address);

/** The controller node first, then parents by name, each followed by its children. */
export function structureOf(byAddress: ReadonlyMap<string, Node>): Structure {
  const isRoot = (node: Node) =>
    node.primary === node.address || node.primary === '' || !byAddress.has(node.primary);
  const nodes = [...byAddress.values()];
  const children = new Map<string, Node[]>();
  for (const node of nodes) {
    if (isRoot(node)) continue;
    const siblings = children.get(node.primary);
    if (siblings) siblings.push(node);
    else children.set(node.primary, [node]);
  }
  const rows: { address: string; depth: 0 | 1 }[] = [];
  const shown = new Set<string>();
  const show = (node: Node, depth: 0 | 1) => {
    if (shown.has(node.address)) return;
    shown.add(node.address);
    rows.push({ address: node.address, depth });
    for (const child of (children.get(node.address) ?? []).sort(byName)) show(child, 1);
  };
  for (const node of nodes.filter(isRoot).sort(byName)) show(node, 0);
  // Nodes that name each other as parents hang on no root: shown all the same.
  for (const node of nodes) show(node, 0);
  return { rows };
}

/** One change of a node, as live events tell them. */
export type NodeChange =
  | { kind: 'driver'; address: string; driver: string; to: Driver }
  | { kind: 'node'; address: string; name: string | undefined; nodedefId: string | undefined }
  | { kind: 'removed'; address: string };

/**
 * Applies changes at once, copying the map once however many there are. `isComplete` is false when one
 * concerns a node that is not known here: then the whole has to be fetched.
 */
export function applyChanges(
  map: NodeMap,
  changes: readonly NodeChange[],
): { map: NodeMap; isComplete: boolean } {
  if (changes.length === 0) return { map, isComplete: true };
  const byAddress = new Map(map.byAddress);
  let isComplete = true;
  let isRestructured = false;
  for (const change of changes) {
    const node = byAddress.get(change.address);
    if (change.kind === 'removed') {
      isRestructured = byAddress.delete(change.address) || isRestructured;
    } else if (!node) {
      isComplete = false;
    } else if (change.kind === 'driver') {
      byAddress.set(change.address, { ...node, drivers: { ...node.drivers, [change.driver]: change.to } });
    } else {
      const next = { ...node, name: change.name ?? node.name, nodedefId: change.nodedefId ?? node.nodedefId };
      isRestructured ||= next.name !== node.name;
      byAddress.set(change.address, next);
    }
  }
  return {
    map: { byAddress, structure: isRestructured ? structureOf(byAddress) : map.structure },
    isComplete,
  };
}
