/** Outgoing HTTP over Node's own client: the address that was judged is the one dialled. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { Fault } from '../../base/index.ts';
import { readAllowList } from './allow.ts';
import { answerOf, faultOf, type Sent } from './answer.ts';
import { DEFAULT_NET_LIMITS, type Dial, type Net, type NetLimits, type NetOptions } from './port.ts';
import { readTarget, refused, resolveTarget, systemResolve, type Target } from './target.ts';

/** Enough for many tasks with one agent, few enough to be no flood. */
const MAX_SOCKETS_PER_ORIGIN = 64;
const KEEP_ALIVE_MS = 5_000;
/** Never sent on: they speak of one hop, or would let the caller choose another host than the judged one. */
const OWN_HEADERS = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'te', 'expect']);
/** Credentials stay at the origin they were given for. */
const SECRET_HEADERS = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key', 'x-a2a-notification-token'];

export function createNet(options: NetOptions = {}): Net {
  const allow = readAllowList(options.allow);
  const resolve = options.resolve ?? systemResolve;
  const pool = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, timeout: 0, maxSockets: MAX_SOCKETS_PER_ORIGIN };
  // A kept socket leads to an address that these very rules have judged.
  const agents = { http: new HttpAgent(pool), https: new HttpsAgent(pool) };

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

  function send(target: Target, request: Sent, limits: NetLimits): Promise<IncomingMessage> {
    return new Promise((resolveAnswer, reject) => {
      const make = target.secure ? httpsRequest : httpRequest;
      const outgoing = make({
        agent: target.secure ? agents.https : agents.http,
        hostname: target.hostname,
        port: target.port,
        path: target.url.pathname + target.url.search,
        method: request.method,
        headers: { ...request.headers, host: target.url.host, 'accept-encoding': 'identity' },
        lookup: pinned(target) as never,
        ...(target.secure && isIP(target.hostname) === 0 ? { servername: target.hostname } : {}),
        signal: request.signal,
        maxHeaderSize: 64 * 1024,
      });
      const late = setTimeout(
        () => outgoing.destroy(new Fault('step.timeout', `${target.url.host} gave no answer in ${limits.answerMs} ms`)),
        limits.answerMs,
      );
      outgoing.on('response', (incoming) => {
        clearTimeout(late);
        resolveAnswer(incoming);
      });
      outgoing.on('error', (error) => {
        clearTimeout(late);
        reject(faultOf(error, target, request.signal));
      });
      outgoing.end(request.body);
    });
  }

  return {
    async fetch(given, init = {}) {
      const { limits: tighter, ...rest } = init;
      const limits = { ...DEFAULT_NET_LIMITS, ...options.limits, ...tighter };
      let target = readTarget(given instanceof Request ? given.url : given, allow);
      const request = new Request(given, { ...rest, redirect: 'manual' });
      let sent = await readSent(request, limits);
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
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

type Found = (error: Error | null, address?: unknown, family?: number) => void;

async function readSent(request: Request, limits: NetLimits): Promise<Sent> {
  const headers: Record<string, string> = {};
  for (const [name, value] of request.headers) if (!OWN_HEADERS.has(name)) headers[name] = value;
  const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
  if (body !== undefined) headers['content-length'] = String(body.length);
  const total = Number.isFinite(limits.totalMs) ? [AbortSignal.timeout(limits.totalMs)] : [];
  return { method: request.method, headers, body, signal: AbortSignal.any([request.signal, ...total]) };
}

function redirectOf(incoming: IncomingMessage): string | undefined {
  const { statusCode = 0, headers } = incoming;
  return statusCode >= 300 && statusCode < 400 && statusCode !== 304 ? (headers.location ?? '') : undefined;
}

function follow(sent: Sent, status: number, sameOrigin: boolean): Sent {
  const headers = { ...sent.headers };
  if (!sameOrigin) for (const name of SECRET_HEADERS) delete headers[name];
  const asks = status === 303 || ((status === 301 || status === 302) && sent.method === 'POST');
  if (!asks) return { ...sent, headers };
  delete headers['content-type'];
  delete headers['content-length'];
  return { ...sent, headers, method: 'GET', body: undefined };
}
