/** What a hostile program is told of the world outside, in its custom parameters. */
export interface Targets {
  /** Process of the service, and of another worker. */
  servicePid: number;
  victimPid: number;
  /** Files that it must not read, and folders it must not list. */
  files: string[];
  folders: string[];
  /** Unix sockets it must not reach. */
  sockets: string[];
  /** Numbers of system calls on this processor. */
  calls: Record<string, number>;
}

/** x86-64 and ARM64. */
const CALLS: Record<string, [number, number]> = {
  memfd_create: [319, 279],
  shmget: [29, 194],
  add_key: [248, 217],
  keyctl: [250, 219],
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  mount: [165, 40],
  bpf: [321, 280],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  setns: [308, 268],
  open_by_handle_at: [304, 265],
  clone3: [435, 435],
};

export const systemCalls = (): Record<string, number> =>
  Object.fromEntries(
    Object.entries(CALLS).map(([name, numbers]) => [name, numbers[process.arch === 'arm64' ? 1 : 0]]),
  );

/** One try of the hostile program: what it was, and what it got. `no: …` is what it should be. */
export interface Attempt {
  name: string;
  got: string;
}

/**
 * Tries ways out of the sandbox that end by themselves, prints an `Attempt` in a line for each, then `DONE`, and stays.
 * It needs Node.js, perl and a shell alone.
 */
export const PROBES = `
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { connect } from 'node:net';

const { servicePid, victimPid, files, folders, sockets, calls } = JSON.parse(process.env.NODESERVER).customParams;
const say = (name, got) => console.log('ATTEMPT ' + JSON.stringify({ name, got: String(got).replace(/[^\\w .:/-]/g, ' ').slice(0, 4000) }));
const attempt = async (name, work) => {
  try {
    say(name, 'yes: ' + (await work()));
  } catch (error) {
    say(name, 'no: ' + (error.code ?? error.status ?? error.message));
  }
};
const sh = (script) => execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 5000 });
const call = (name, ...args) => () =>
  sh("perl -e 'my $r = syscall(" + [calls[name], ...args].join(',') + "); exit($r == -1 ? 1 : 0)'");
const write = (path) => () => fs.writeFileSync(path, 'x');

// What the service keeps.
for (const path of files) await attempt('read ' + path, () => fs.readFileSync(path, 'latin1'));
for (const path of folders) await attempt('list ' + path, () => fs.readdirSync(path));
for (const path of sockets)
  await attempt('connect ' + path, () => new Promise((resolve, reject) => connect(path, resolve).on('error', reject)));
for (const entry of ['environ', 'cmdline', 'maps', 'mem'])
  await attempt('service ' + entry, () => fs.readFileSync('/proc/' + servicePid + '/' + entry, 'latin1'));
for (const entry of ['root', 'cwd', 'fd']) await attempt('service ' + entry, () => fs.readdirSync('/proc/' + servicePid + '/' + entry));
for (const pid of fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).concat('self')) {
  let seen = '';
  for (const entry of ['environ', 'cmdline'])
    try { seen += fs.readFileSync('/proc/' + pid + '/' + entry, 'latin1'); } catch {}
  say('seen of process ' + pid, seen);
  if (pid === 'self') continue;
  try { say('root of process ' + pid, fs.readdirSync('/proc/' + pid + '/root/')); } catch {}
}

// Other processes.
for (const [name, pid] of Object.entries({ service: servicePid, victim: victimPid })) {
  for (const signal of [0, 'SIGTERM', 'SIGKILL', 'SIGUSR1']) await attempt('signal ' + signal + ' to ' + name, () => process.kill(pid, signal));
  await attempt('ptrace ' + name, call('ptrace', 16, pid, 0, 0));
  await attempt('limits of ' + name, () => sh('prlimit --pid ' + pid + ' --nofile=1'));
}
await attempt('read memory of process 1', call('process_vm_readv', 1, 0, 0, 0, 0, 0));

// Rights.
await attempt('setuid', () => sh("perl -e 'exit 1 if $< == 0; $< = 0; $> = 0; exit(($< == 0 || $> == 0) ? 0 : 1)'"));
await attempt('su', () => sh('echo | su root -c id'));
await attempt('a capability', () => sh("grep -q 'CapEff:.0*[1-9a-f]' /proc/self/status"));
await attempt('new rights with a program', () => sh("grep -q 'NoNewPrivs:.0' /proc/self/status"));
for (const command of [
  'unshare --user --map-root-user true', 'unshare --net true', 'unshare --mount true', 'unshare --pid true',
  'nsenter --target 1 --mount true', 'mount -t tmpfs none /tmp', 'mount --bind /tmp /app', 'umount /app', 'umount -l /proc',
  'mount -o remount,rw /', 'chroot / true', 'mknod /tmp/disk b 8 0', 'mknod /tmp/mem c 1 1', 'chown 1:1 /app/nodeserver', 'hostname evil',
  'date -s 2001-01-01', 'sysctl -w kernel.core_pattern=/tmp/x', 'dmesg', 'bwrap --bind / / true',
]) await attempt(command, () => sh(command));
for (const name of Object.keys(calls)) if (!['ptrace', 'process_vm_readv'].includes(name)) await attempt(name, call(name, '"tmpfs"', 0, 0, 0, 0));

// Limits.
for (const command of [
  'ulimit -n unlimited', 'ulimit -u unlimited', 'ulimit -d unlimited', 'ulimit -f unlimited', 'ulimit -c unlimited', 'prlimit --pid $$ --data=unlimited',
  'prlimit --pid $$ --nproc=100000', 'chrt -f 1 true', 'echo -1000 > /proc/self/oom_score_adj',
  'truncate -s 2G /app/nodeserver/large', 'head -c 100M /dev/zero > /tmp/large', 'head -c 100M /dev/zero > /dev/shm/large',
  'renice -n -5 -p $$', 'mkdir /sys/fs/cgroup/evil',
]) await attempt(command, () => sh(command));
fs.rmSync('/tmp/large', { force: true });
fs.rmSync('/dev/shm/large', { force: true });

// The machine.
for (const path of [
  '/evil', '/usr/bin/evil', '/usr/lib/evil', '/etc/evil', '/etc/passwd', '/etc/hosts', '/etc/ld.so.preload', '/app/evil', '/app/complete', '/app/certs/evil',
  '/app/certs/private.key', '/app/certs/AmazonRootCA1.pem', '/dev/evil', '/var/evil', '/run/evil', '/root/evil', '/proc/sys/kernel/core_pattern',
  '/proc/sys/kernel/hostname', '/proc/sys/vm/overcommit_memory', '/proc/sysrq-trigger', '/sys/kernel/uevent_helper', process.execPath,
]) await attempt('write ' + path, write(path));
await attempt('move certs', () => fs.renameSync('/app/certs', '/app/nodeserver/certs'));
await attempt('remove certs', () => fs.rmSync('/app/certs', { recursive: true }));
await attempt('link for certs', () => fs.symlinkSync('/tmp', '/app/certs'));
await attempt('move nodeserver', () => fs.renameSync('/app/nodeserver', '/app/evil'));
for (const path of ['/dev/mem', '/dev/kmem', '/dev/sda', '/dev/vda', '/dev/kmsg', '/dev/fuse', '/dev/kvm', '/dev/tty', '/dev/console', '/proc/kcore', '/proc/kmsg', '/etc/shadow', '/etc/gshadow', '/etc/sudoers'])
  await attempt('open ' + path, () => fs.openSync(path, 'r'));
for (const path of ['/run/docker.sock', '/var/run/docker.sock', '/run/containerd/containerd.sock', '/run/dbus/system_bus_socket', '/run/systemd/private', '/run/systemd/notify', '/run/postgresql/.s.PGSQL.5432'])
  await attempt('connect ' + path, () => new Promise((resolve, reject) => connect(path, resolve).on('error', reject)));
await attempt('type into the terminal', () => sh("perl -e 'my $c = qq(x); exit(ioctl(STDIN, 0x5412, $c) ? 0 : 1)' < /dev/null"));
await attempt('raw socket', () => sh("perl -MSocket -e 'socket(my $s, PF_INET, SOCK_RAW, 1) or exit 1'"));
await attempt('packet socket', () => sh("perl -e 'socket(my $s, 17, 3, 0) or exit 1'"));
await attempt('port 80', () => sh("perl -MSocket -e 'socket(my $s, PF_INET, SOCK_STREAM, 0); bind($s, sockaddr_in(80, INADDR_ANY)) or exit 1'"));
await attempt('foreign files kept open', () => sh('for fd in 3 4 5 6 7 8 9; do test -e /proc/$$/fd/$fd && exit 0; done; exit 1'));
console.log('DONE');
setInterval(() => {}, 60_000);
`;
