/** Which addresses are public. What is not known to be public is refused: the list of bad ranges is never complete. */
import { BlockList, isIP, isIPv4 } from 'node:net';

/** IANA's special-purpose registry of IPv4, multicast and reserved. */
const NOT_PUBLIC_V4 = [
  ['0.0.0.0', 8, 'this network'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'carrier-grade NAT'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'protocol assignments'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.31.196.0', 24, 'AS112'],
  ['192.52.193.0', 24, 'AMT'],
  ['192.88.99.0', 24, '6to4 relay'],
  ['192.168.0.0', 16, 'private'],
  ['192.175.48.0', 24, 'AS112'],
  ['198.18.0.0', 15, 'benchmarking'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
] as const;

/** Of IPv6 only global unicast (2000::/3) is public, and of that not these: they hold or reach other addresses. */
const GLOBAL_V6 = ['2000::', 3] as const;
const NOT_PUBLIC_V6 = [
  ['2001::', 23, 'protocol assignments (Teredo, ORCHID, benchmarking)'],
  ['2001:db8::', 32, 'documentation'],
  ['2002::', 16, '6to4'],
  ['3fff::', 20, 'documentation'],
] as const;

const rangesV4 = NOT_PUBLIC_V4.map(([net, bits, why]) => ({ why, list: rangeOf(net, bits) }));
const rangesV6 = NOT_PUBLIC_V6.map(([net, bits, why]) => ({ why, list: rangeOf(net, bits) }));
const globalV6 = rangeOf(...GLOBAL_V6);

/** Why this address may not be dialled; undefined when it is public. */
export function whyNotPublic(address: string): string | undefined {
  const family = isIP(address);
  if (family === 0 || address.includes('%')) return 'no address';
  if (family === 4) return rangesV4.find(({ list }) => list.check(address, 'ipv4'))?.why;
  if (!globalV6.check(address, 'ipv6')) return 'not global unicast';
  return rangesV6.find(({ list }) => list.check(address, 'ipv6'))?.why;
}

export function rangeOf(net: string, bits: number): BlockList {
  const list = new BlockList();
  list.addSubnet(net, bits, isIPv4(net) ? 'ipv4' : 'ipv6');
  return list;
}

/** `[::1]` as a URL writes it, `::1` as a socket does; a trailing dot of a full name goes. */
export function bareHost(hostname: string): string {
  const host = hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
  return host.endsWith('.') && host.length > 1 ? host.slice(0, -1).toLowerCase() : host.toLowerCase();
}
