import { availableParallelism } from 'node:os';
import type { Limits } from '@polyrelay/contract';

const MIB = 1024 * 1024;

/** A single file a worker writes, in bytes: its log would fill the disk. */
const MAX_FILE_BYTES = 1024 * MIB;

const OPEN_FILES = 4096;

/**
 * A command line in front of the sandbox: which cores it may use, and that the service comes first when both want one:
 * neither is undone from inside. When the machine has no memory left, its processes are the first to end.
 */
export function placed(limits: Limits, core: number): string[] {
  const cores = availableParallelism();
  const share = Math.max(1, Math.ceil(limits.cpus));
  // Wanting all cores needs no pinning.
  const pinned = share >= cores ? [] : ['taskset', '-c', coreList(core, share, cores)];
  return ['choom', '-n', '1000', '--', 'nice', '-n', '10', ...pinned];
}

/**
 * A command line in front of the program that binds it and all it starts. Memory is a limit for each process, the sum is
 * watched (`MemoryWatch`); processes are counted within the worker's own user namespace.
 */
export const limited = (limits: Limits): string[] => [
  'prlimit',
  `--data=${limits.memoryMb * MIB}`,
  `--nproc=${limits.processes}`,
  `--nofile=${OPEN_FILES}`,
  `--fsize=${MAX_FILE_BYTES}`,
  '--core=0',
  '--',
];

/** `share` cores from `first` on, around the end: workers are spread over all. */
function coreList(first: number, share: number, cores: number): string {
  return Array.from({ length: share }, (_, i) => (first + i) % cores).join(',');
}
