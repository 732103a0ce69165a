import { BlockList, isIPv6 } from 'node:net';

/**
 * Addresses that are not of the public internet (IANA's special-purpose registries). One list for each family: in one
 * for both, the IPv6 addresses that carry an IPv4 address would stand for every IPv4 address.
 */
const PRIVATE = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.ipv4.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  // Loopback, and all that carries an IPv4 address: mapped, translated, NAT64, Teredo, 6to4.
  ['::', 96],
  ['::ffff:0:0', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2001::', 23],
  ['2002::', 16],
  ['100::', 64],
  ['2001:db8::', 32],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.ipv6.addSubnet(net, prefix, 'ipv6');

/** Whether an address is of this machine, this network, or no place on the internet. */
export function isPrivate(address: string): boolean {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  return PRIVATE[family].check(address, family);
}
