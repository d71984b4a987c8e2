/**
 * By which names a site may be called, and from which pages. A page of a stranger can point its own name at our
 * address (DNS rebinding): then the request comes with that name in `Host`, and with its origin.
 */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { Fault } from '../../base/index.ts';

export interface Names {
  /** Throws `host.refused` or `origin.refused`. */
  check(host: string | undefined, origin: string | undefined): void;
  /** Whether a page of this other origin may call us. */
  isAllowedOrigin(origin: string): boolean;
}

export interface NamesOptions {
  /** Names besides the loopback's, without port. */
  hosts?: readonly string[];
  /** Origins of pages that may call us, besides our own: `https://ops.example.com`. */
  origins?: readonly string[];
  /** It listens wider than loopback: any address, as a number, is then a name of ours (no stranger can point it). */
  isWide?: boolean;
}

export function createNames({ hosts = [], origins = [], isWide = false }: NamesOptions): Names {
  const known = new Set(hosts.map((host) => host.toLowerCase()));
  const pages = new Set(origins.map(originOf));

  function isOurs(name: string): boolean {
    if (known.has(name) || name === 'localhost') return true;
    return isWide ? isIP(name) !== 0 : isLoopback(name);
  }

  return {
    isAllowedOrigin: (origin) => pages.has(origin),
    check(host, origin) {
      const name = hostName(host);
      if (name === undefined || !isOurs(name))
        throw new Fault('host.refused', `this site does not go by the name '${(host ?? '').slice(0, 100)}'`);
      if (origin === undefined || pages.has(origin)) return;
      // A page that we served ourselves: its origin is the name we were called by.
      const page = /^https?:\/\/(.+)$/.exec(origin)?.[1];
      if (page?.toLowerCase() !== host!.toLowerCase())
        throw new Fault('origin.refused', `pages of '${origin.slice(0, 100)}' may not call this site`);
    },
  };
}

function originOf(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null';
  if (origin !== 'null') return origin;
  throw new Fault('input.invalid', `'${text.slice(0, 100)}' is no origin of a page: write https://ops.example.com`);
}

/** The name in a `Host` header, without port and brackets; undefined when there is none in it. */
function hostName(host: string | undefined): string | undefined {
  const match = /^(?:\[([\da-f:.]+)\]|([^\s:@/?#[\]]+))(?::\d{1,5})?$/i.exec(host ?? '');
  const name = (match?.[1] ?? match?.[2])?.toLowerCase();
  if (match?.[1] !== undefined && !isIPv6(match[1])) return undefined;
  return name;
}

/** Of addresses only: whether a name is one depends on who answers for it. */
export function isLoopback(address: string): boolean {
  if (isIPv4(address)) return address.startsWith('127.');
  if (!isIPv6(address)) return false;
  return /^(?:0{0,4}:)*:?0{0,3}1$/.test(address) || /^::ffff:127\./i.test(address);
}
