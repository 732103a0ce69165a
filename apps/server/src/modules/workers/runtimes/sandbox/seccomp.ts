/** Numbers of one system call: on x86-64, on ARM64. */
type Numbers = readonly [number, number];

/** Memory that belongs to no process, and so to no limit; how it is taken otherwise, programs know. */
const NOT_THERE: readonly Numbers[] = [
  [319, 279], // memfd_create
  [447, 447], // memfd_secret
  [29, 194], // shmget
  [68, 186], // msgget
  [425, 425], // io_uring_setup
  // Its flags are in memory, where a filter does not see them: programs take `clone` then.
  [435, 435], // clone3
];

/** What a node server has no use for: other namespaces, mounts, kernel keys, other processes' memory, kernel programs. */
const FORBIDDEN: readonly Numbers[] = [
  [272, 97], // unshare
  [308, 268], // setns
  [165, 40], // mount
  [166, 39], // umount2
  [155, 41], // pivot_root
  [161, 51], // chroot
  [428, 428], // open_tree
  [429, 429], // move_mount
  [430, 430], // fsopen
  [431, 431], // fsconfig
  [432, 432], // fsmount
  [433, 433], // fspick
  [442, 442], // mount_setattr
  [248, 217], // add_key
  [249, 218], // request_key
  [250, 219], // keyctl
  [101, 117], // ptrace
  [310, 270], // process_vm_readv
  [311, 271], // process_vm_writev
  [438, 438], // pidfd_getfd
  [321, 280], // bpf
  [298, 241], // perf_event_open
  [323, 282], // userfaultfd
  [304, 265], // open_by_handle_at
  [246, 104], // kexec_load
  [320, 294], // kexec_file_load
  [175, 105], // init_module
  [313, 273], // finit_module
  [103, 116], // syslog
  // The cores it runs on are set before.
  [203, 122], // sched_setaffinity
];

const CLONE: Numbers = [56, 220];
const IOCTL: Numbers = [16, 29];

const CLONE_NEWUSER = 0x1000_0000;
/** They write into a terminal as if it were typed. */
const TERMINAL_INPUT = [0x5412, 0x541c];

const EPERM = 1;
const ENOSYS = 38;

/** AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64 (linux/audit.h). */
const ARCHITECTURES: Record<string, { column: 0 | 1; audit: number }> = {
  x64: { column: 0, audit: 0xc000_003e },
  arm64: { column: 1, audit: 0xc000_00b7 },
};

/** x86-64 has a second set of numbers from here on. */
const X32 = 0x4000_0000;

/** Where they are in `struct seccomp_data`. */
const AT = { number: 0, architecture: 4, firstArgument: 16, secondArgument: 24 };

/** Operations of classic BPF (linux/bpf_common.h). */
const LOAD = 0x20;
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const IF_ANY_BIT = 0x45;
const RETURN = 0x06;

const ALLOW = 0x7fff_0000;
const refuse = (error: number): Instruction => [RETURN, 0, 0, 0x0005_0000 | error];

/** Operation, instructions to skip when true, when false, operand. */
type Instruction = [number, number, number, number];

/**
 * A filter of system calls for bubblewrap's `--seccomp` (seccomp(2), an array of `struct sock_filter`): the last wall
 * behind namespaces and limits, and the only one for memory that no limit counts.
 * @returns undefined for processors whose system calls it does not know
 */
export function syscallFilter(processor: string): Buffer | undefined {
  const architecture = ARCHITECTURES[processor];
  if (architecture === undefined) return undefined;
  const { column, audit } = architecture;
  const unless = (numbers: Numbers, error: number): Instruction[] => [
    [IF_EQUAL, 0, 1, numbers[column]],
    refuse(error),
  ];
  const program: Instruction[] = [
    [LOAD, 0, 0, AT.architecture],
    [IF_EQUAL, 1, 0, audit],
    refuse(ENOSYS),
    [LOAD, 0, 0, AT.number],
    [IF_AT_LEAST, 0, 1, X32],
    refuse(ENOSYS),
    ...NOT_THERE.flatMap((numbers) => unless(numbers, ENOSYS)),
    ...FORBIDDEN.flatMap((numbers) => unless(numbers, EPERM)),
    [IF_EQUAL, 0, 3, CLONE[column]],
    [LOAD, 0, 0, AT.firstArgument],
    [IF_ANY_BIT, 0, 3 + TERMINAL_INPUT.length, CLONE_NEWUSER],
    refuse(EPERM),
    [IF_EQUAL, 0, 1 + TERMINAL_INPUT.length, IOCTL[column]],
    [LOAD, 0, 0, AT.secondArgument],
    ...TERMINAL_INPUT.map((request, i): Instruction => [IF_EQUAL, TERMINAL_INPUT.length - i, 0, request]),
    [RETURN, 0, 0, ALLOW],
    refuse(EPERM),
  ];
  return Buffer.concat(program.map(encode));
}

/** As this processor keeps numbers; all it is made for are little-endian. */
function encode([operation, ifTrue, ifFalse, operand]: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(operation, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(operand >>> 0, 4);
  return bytes;
}
