/** Whether a URL may be dialled, judged before and after its name is resolved. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Fault } from '../../base/index.ts';
import { bareHost, whyNotPublic } from './address.ts';
import type { AllowList } from './allow.ts';
import type { Dial, Resolve, ResolvedAddress } from './port.ts';

/** Names that lead inside by agreement, whatever a resolver says of them. */
const INSIDE_NAMES = /(^|\.)(localhost|local|localdomain|internal|intranet|lan|home\.arpa|onion)$/;
/** Services that act on what a stranger can put into an HTTP request; ports under 1024 are shut but 80 and 443. */
const SHUT_PORTS = new Set([
  1719, 1720, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 5060, 5061, 5432, 5984, 6000, 6379, 6566,
  6665, 6666, 6667, 6668, 6669, 6679, 6697, 9200, 9300, 10080, 10250, 11211, 27017,
]);
const MAX_URL_CHARS = 8192;

export interface Target {
  url: URL;
  hostname: string;
  port: number;
  secure: boolean;
}

export const systemResolve: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));

/** What the URL says by itself: scheme, credentials, port, and a name or a literal address. */
export function readTarget(given: string | URL, allow: AllowList): Target {
  const text = String(given);
  if (text.length > MAX_URL_CHARS) throw refused('a URL', `it has more than ${MAX_URL_CHARS} characters`);
  if (!URL.canParse(text)) throw refused('what was given', 'it is no URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refused(url.protocol, 'only http and https are');
  if (url.username !== '' || url.password !== '') throw refused(url.host, 'its URL holds credentials');
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const hostname = bareHost(url.hostname);
  const target = { url, hostname, port, secure };
  if (allow.host(hostname, port)) return target;
  const literal = isIP(hostname) !== 0;
  if (literal && allow.address(hostname, port)) return target;
  if (port === 0 || (port < 1024 && port !== 80 && port !== 443) || SHUT_PORTS.has(port)) {
    throw refused(url.host, `port ${port} is shut`);
  }
  const why = literal ? whyNotPublic(hostname) : INSIDE_NAMES.test(hostname) ? 'an inside name' : undefined;
  if (why !== undefined) throw refused(url.host, why);
  if (!literal && !hostname.includes('.')) throw refused(url.host, 'a name without a dot is an inside name');
  return target;
}

/** Every address must be good: one bad among them is what rebinding looks like. */
export async function resolveTarget(target: Target, allow: AllowList, resolve: Resolve): Promise<Dial> {
  const { hostname, port, secure } = target;
  const literal = isIP(hostname);
  if (literal !== 0) return { address: hostname, family: literal === 6 ? 6 : 4, hostname, port, secure };
  let found: ResolvedAddress[];
  try {
    found = await resolve(hostname);
  } catch (thrown) {
    throw new Fault('agent.lost', `the name ${hostname} leads nowhere`, { cause: thrown, retry: 'elsewhere' });
  }
  if (!allow.host(hostname, port)) {
    for (const { address } of found) {
      if (allow.address(address, port)) continue;
      const why = whyNotPublic(address);
      if (why !== undefined) throw refused(target.url.host, `its name leads to an address that is ${why}`);
    }
  }
  const [first] = found;
  if (first === undefined) throw new Fault('agent.lost', `the name ${hostname} leads nowhere`);
  return { ...first, hostname, port, secure };
}

export function refused(what: string, why: string): Fault {
  return new Fault('address.refused', `${what} is not called from here: ${why}`, { detail: { why } });
}
