/** The allow-list: what a person said may be dialled although it is not public. */
import { isIP, isIPv6 } from 'node:net';
import { Fault } from '../../base/index.ts';
import { bareHost, rangeOf } from './address.ts';

export interface AllowList {
  /** The name itself was allowed, at this port: then wherever it leads. */
  host(hostname: string, port: number): boolean;
  /** The address was allowed, at this port. */
  address(address: string, port: number): boolean;
}

export function readAllowList(entries: readonly string[] = []): AllowList {
  const hosts = new Set<string>();
  const ranges: ReturnType<typeof rangeOf>[] = [];
  for (const entry of entries) {
    const range = readRange(entry);
    if (range !== undefined) ranges.push(range);
    else hosts.add(readHost(entry));
  }
  const named = (host: string, port: number): boolean => hosts.has(host) || hosts.has(`${host}|${port}`);
  return {
    host: (hostname, port) => named(bareHost(hostname), port),
    address: (address, port) =>
      named(address, port) || ranges.some((list) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')),
  };
}

function readRange(entry: string): ReturnType<typeof rangeOf> | undefined {
  const [net, bits, more] = entry.split('/');
  if (bits === undefined) return undefined;
  const most = isIP(net!) === 6 ? 128 : 32;
  if (more !== undefined || isIP(net!) === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most) throw unreadable(entry);
  return rangeOf(net!, Number(bits));
}

function readHost(entry: string): string {
  if (isIPv6(entry)) return entry.toLowerCase();
  // Read as a URL reads it, so that an entry names what a request will name.
  const port = /:(\d+)$/.exec(entry)?.[1];
  const host = port === undefined ? entry : entry.slice(0, -port.length - 1);
  if (!URL.canParse(`http://${host}/`)) throw unreadable(entry);
  const url = new URL(`http://${host}/`);
  if (url.pathname !== '/' || url.port !== '' || url.username !== '' || url.search !== '') throw unreadable(entry);
  return port === undefined ? bareHost(url.hostname) : `${bareHost(url.hostname)}|${Number(port)}`;
}

function unreadable(entry: string): Fault {
  return new Fault(
    'input.invalid',
    `'${entry}' is no entry of an allow-list: name a host, host:port, an address or a range such as 10.0.0.0/8`,
  );
}
