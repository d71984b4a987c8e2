/**
 * One exchange over Node's own HTTP client, on sockets that are kept. It judges nothing: who calls it knows where it
 * leads, or gives the look-up that judges.
 *
 * X1  A kept socket may be closed by the other side in the moment of its use: then nothing was answered, and what may
 *     be sent twice is sent again, on a socket of its own. What may not be is said to have failed.
 */
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';

/** Enough for many tasks with one agent, few enough to be no flood. */
const MAX_SOCKETS_PER_ORIGIN = 64;
const KEEP_ALIVE_MS = 5_000;
const MAX_HEADER_BYTES = 64 * 1024;

export interface Place {
  url: URL;
  secure: boolean;
  hostname: string;
  port: number;
}

export interface Outgoing {
  method: string;
  headers: Record<string, string>;
  body: Uint8Array | string | undefined;
  signal: AbortSignal | undefined;
}

export interface ExchangeOptions {
  /** X1. */
  mayRepeat: boolean;
  lookup?: LookupFunction;
  /** How long until the answer begins, and what is said when it does not. */
  answerMs?: number;
  late?(): Error;
}

export interface Exchanges {
  /** The answer's head; its body is read, or destroyed, by the caller. */
  send(to: Place, message: Outgoing, options: ExchangeOptions): Promise<IncomingMessage>;
  close(): void;
}

/** Of one hop, or such that the caller would choose another host than the one that is dialled. */
const OWN_HEADERS = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'te', 'expect']);

export function createExchanges(): Exchanges {
  const pool = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, timeout: 0, maxSockets: MAX_SOCKETS_PER_ORIGIN };
  const agents = { http: new HttpAgent(pool), https: new HttpsAgent(pool) };

  function once(
    to: Place,
    { method, headers, body, signal }: Outgoing,
    { lookup, answerMs, late }: ExchangeOptions,
    agent: HttpAgent | false,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const make = to.secure ? httpsRequest : httpRequest;
      const outgoing = make({
        agent,
        hostname: to.hostname,
        port: to.port,
        path: to.url.pathname + to.url.search,
        method,
        headers: { ...headers, host: to.url.host, 'accept-encoding': 'identity' },
        ...(lookup === undefined ? {} : { lookup }),
        ...(to.secure && isIP(to.hostname) === 0 ? { servername: to.hostname } : {}),
        signal,
        maxHeaderSize: MAX_HEADER_BYTES,
      });
      const timer = answerMs === undefined ? undefined : setTimeout(() => outgoing.destroy(late?.()), answerMs);
      outgoing.on('response', (incoming) => {
        clearTimeout(timer);
        resolve(incoming);
      });
      outgoing.on('error', (error) => {
        clearTimeout(timer);
        reject(outgoing.reusedSocket && isHungUp(error) ? new Stale(error) : error);
      });
      outgoing.end(body);
    });
  }

  return {
    async send(to, message, options) {
      const agent = to.secure ? agents.https : agents.http;
      try {
        return await once(to, message, options, agent);
      } catch (thrown) {
        if (!(thrown instanceof Stale)) throw thrown;
        if (!options.mayRepeat || message.signal?.aborted === true) throw thrown.cause;
        return await once(to, message, options, false);
      }
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** A kept socket was hung up before it answered. */
class Stale extends Error {
  constructor(error: Error) {
    super(error.message, { cause: error });
  }
}

function isHungUp({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** What goes on the wire of what `fetch` takes. */
export async function outgoingOf(given: string | URL | Request, init: RequestInit): Promise<Outgoing> {
  const { body } = init;
  // The most common is read as it is: a `Request` costs more than all the rest.
  const isPlain = !(given instanceof Request) && (body === undefined || body === null || typeof body === 'string');
  const request = isPlain ? undefined : new Request(given, { ...init, redirect: 'manual' });
  const headers: Record<string, string> = {};
  const said = request?.headers ?? (init.headers instanceof Headers ? init.headers : new Headers(init.headers));
  for (const [name, value] of said) if (!OWN_HEADERS.has(name)) headers[name] = value;
  if (request === undefined) {
    const text = (body as string | null | undefined) ?? undefined;
    if (text !== undefined) {
      headers['content-type'] ??= 'text/plain;charset=UTF-8';
      headers['content-length'] = String(Buffer.byteLength(text));
    }
    return { method: (init.method ?? 'GET').toUpperCase(), headers, body: text, signal: init.signal ?? undefined };
  }
  const bytes = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
  if (bytes !== undefined) headers['content-length'] = String(bytes.length);
  return { method: request.method, headers, body: bytes, signal: request.signal };
}
