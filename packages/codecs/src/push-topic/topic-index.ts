import { Operation } from '@polyrelay/contract';
import type { PushTopic, TopicFact } from './topic.js';

/** A level of the paths that are watched. */
interface Level<T> {
  below: Map<string, Level<T>>;
  /** Who watches everything from here on, and with how many topics. */
  here: Map<T, number>;
}

const level = <T>(): Level<T> => ({ below: new Map(), here: new Map() });

/** Where the paths of one resource, operation and group begin. `*` as a group is any. */
const rootKey = (resource: string, operation: Operation, group: string): string =>
  `${operation}/${resource}/${group}`;

/**
 * Who means a fact, among many. Topics are kept as a tree of levels for each owner, resource, operation and group, so
 * that a look-up walks the levels of the fact, whoever watches something else.
 */
export class TopicIndex<T> {
  readonly #owners = new Map<string, Map<string, Level<T>>>();

  /** @param value told by {@link match} for what one of the topics means */
  add(ownerId: string, topics: readonly PushTopic[], value: T): void {
    let roots = this.#owners.get(ownerId);
    if (roots === undefined) {
      roots = new Map();
      this.#owners.set(ownerId, roots);
    }
    for (const topic of topics)
      for (const key of keysOf(topic)) {
        let at = made(roots, key);
        for (const name of topic.path) at = made(at.below, name);
        at.here.set(value, (at.here.get(value) ?? 0) + 1);
      }
  }

  /** Forgets what was added with the same topics and value. */
  remove(ownerId: string, topics: readonly PushTopic[], value: T): void {
    const roots = this.#owners.get(ownerId);
    if (roots === undefined) return;
    for (const topic of topics) for (const key of keysOf(topic)) prune(roots, key, topic.path, 0, value);
    if (roots.size === 0) this.#owners.delete(ownerId);
  }

  /** Whether anything of an owner is watched at all. */
  hasOwner(ownerId: string): boolean {
    return this.#owners.has(ownerId);
  }

  /** Each value once of those whose topics mean the fact. */
  match({ ownerId, resource, path, operation, group }: TopicFact & { ownerId: string }): T[] {
    const roots = this.#owners.get(ownerId);
    if (roots === undefined) return [];
    const found = new Set<T>();
    collect(roots.get(rootKey(resource, operation, '*')), path, 0, found);
    if (group !== '*') collect(roots.get(rootKey(resource, operation, group)), path, 0, found);
    return [...found];
  }
}

const keysOf = ({ resource, operations, group = '*' }: PushTopic): string[] =>
  [...(operations ?? Operation.options)].map((operation) => rootKey(resource, operation, group));

function made<T>(levels: Map<string, Level<T>>, name: string): Level<T> {
  let found = levels.get(name);
  if (found === undefined) {
    found = level();
    levels.set(name, found);
  }
  return found;
}

function collect<T>(from: Level<T> | undefined, path: readonly string[], depth: number, found: Set<T>): void {
  if (from === undefined) return;
  for (const value of from.here.keys()) found.add(value);
  const name = path[depth];
  if (name === undefined || from.below.size === 0) return;
  collect(from.below.get('*'), path, depth + 1, found);
  if (name !== '*') collect(from.below.get(name), path, depth + 1, found);
}

/** Takes one value away below `name`, and the levels that nobody needs any more. */
function prune<T>(
  levels: Map<string, Level<T>>,
  name: string,
  path: readonly string[],
  depth: number,
  value: T,
): void {
  const at = levels.get(name);
  if (at === undefined) return;
  const next = path[depth];
  if (next !== undefined) prune(at.below, next, path, depth + 1, value);
  else {
    const count = at.here.get(value);
    if (count === undefined) return;
    if (count > 1) at.here.set(value, count - 1);
    else at.here.delete(value);
  }
  if (at.here.size === 0 && at.below.size === 0) levels.delete(name);
}
