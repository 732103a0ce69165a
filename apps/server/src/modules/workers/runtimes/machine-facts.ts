const known = new Map<string, Promise<unknown>>();

/**
 * Finds out what the programs of this machine can do, once for the life of the process and for each PATH: it takes
 * several processes, and services that run side by side in one would each ask the same.
 */
export function machineFact<T>(what: string, findOut: () => Promise<T>): Promise<T> {
  const key = `${process.env.PATH}\n${what}`;
  const fact = (known.get(key) as Promise<T> | undefined) ?? findOut();
  known.set(key, fact);
  return fact;
}
