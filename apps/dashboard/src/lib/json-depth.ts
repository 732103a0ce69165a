/** How deep objects and arrays are nested; a plain value has none. Without recursion: what is typed may be deeper than the stack. */
export function depthOf(value: unknown): number {
  let depth = 0;
  let level: unknown[] = [value];
  while (level.length > 0) {
    const containers = level.filter((each) => typeof each === 'object' && each !== null);
    if (containers.length > 0) depth += 1;
    level = containers.flatMap((each) => Object.values(each as object));
  }
  return depth;
}
