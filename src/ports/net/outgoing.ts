/** Outgoing HTTP over Node's own client: the address that was judged is the one dialled. */
import type { IncomingMessage } from 'node:http';
import { Fault } from '../../base/index.ts';
import { readAllowList } from './allow.ts';
import { answerOf, faultOf } from './answer.ts';
import { createExchanges, type Outgoing, outgoingOf } from './exchange.ts';
import { DEFAULT_NET_LIMITS, type Dial, type Net, type NetLimits, type NetOptions } from './port.ts';
import { readTarget, refused, resolveTarget, systemResolve, type Target } from './target.ts';

/** Credentials stay at the origin they were given for. */
const SECRET_HEADERS = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key', 'x-a2a-notification-token'];
/** What may be sent twice: these change nothing. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);

export function createNet(options: NetOptions = {}): Net {
  const allow = readAllowList(options.allow);
  const resolve = options.resolve ?? systemResolve;
  // A kept socket leads to an address that these very rules have judged.
  const exchanges = createExchanges();

  /** Judges what the name leads to at the moment of dialling: there is no second look-up to rebind. */
  function pinned(target: Target) {
    return async (_host: string, how: { all?: boolean }, found: Found): Promise<void> => {
      try {
        const { address, family } = await resolveTarget(target, allow, resolve);
        if (how.all === true) found(null, [{ address, family }]);
        else found(null, address, family);
      } catch (thrown) {
        found(thrown as Error);
      }
    };
  }

  async function send(target: Target, sent: Outgoing, limits: NetLimits): Promise<IncomingMessage> {
    const late = () => new Fault('step.timeout', `${target.url.host} gave no answer in ${limits.answerMs} ms`);
    try {
      return await exchanges.send(target, sent, {
        mayRepeat: REPEATABLE.has(sent.method),
        lookup: pinned(target) as never,
        answerMs: limits.answerMs,
        late,
      });
    } catch (thrown) {
      throw faultOf(thrown, target, sent.signal);
    }
  }

  return {
    async fetch(given, init = {}) {
      const { limits: tighter, ...rest } = init;
      const limits = { ...DEFAULT_NET_LIMITS, ...options.limits, ...tighter };
      let target = readTarget(given instanceof Request ? given.url : given, allow);
      let sent = within(await outgoingOf(given, rest), limits);
      for (let hop = 0; ; hop++) {
        const incoming = await send(target, sent, limits);
        const next = redirectOf(incoming);
        if (next === undefined) return answerOf(incoming, target, sent, limits);
        incoming.destroy();
        if (hop >= limits.redirects)
          throw refused(target.url.host, 'it sends us elsewhere, and no redirect is followed');
        const from = target.url;
        target = readTarget(URL.parse(next, from) ?? next, allow);
        sent = follow(sent, incoming.statusCode ?? 0, target.url.origin === from.origin);
      }
    },
    async dial(url, signal) {
      signal?.throwIfAborted();
      return (await resolveTarget(readTarget(url, allow), allow, resolve)) satisfies Dial;
    },
    close() {
      exchanges.close();
    },
  };
}

type Found = (error: Error | null, address?: unknown, family?: number) => void;

/** The whole exchange has an end, where there is to be one. */
function within(sent: Outgoing, { totalMs }: NetLimits): Outgoing {
  if (!Number.isFinite(totalMs)) return sent;
  const late = AbortSignal.timeout(totalMs);
  return { ...sent, signal: sent.signal === undefined ? late : AbortSignal.any([sent.signal, late]) };
}

function redirectOf(incoming: IncomingMessage): string | undefined {
  const { statusCode = 0, headers } = incoming;
  return statusCode >= 300 && statusCode < 400 && statusCode !== 304 ? (headers.location ?? '') : undefined;
}

function follow(sent: Outgoing, status: number, sameOrigin: boolean): Outgoing {
  const headers = { ...sent.headers };
  if (!sameOrigin) for (const name of SECRET_HEADERS) delete headers[name];
  const asks = status === 303 || ((status === 301 || status === 302) && sent.method === 'POST');
  if (!asks) return { ...sent, headers };
  delete headers['content-type'];
  delete headers['content-length'];
  return { ...sent, headers, method: 'GET', body: undefined };
}
