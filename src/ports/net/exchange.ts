/**
 * One exchange over Node's own HTTP client, on sockets that are kept. It judges nothing: who calls it knows where it
 * leads, or gives the look-up that judges.
 *
 * X1  What was never connected was never heard: a connection that is reset as it is made is made once more.
 * X2  A kept socket may be closed by the other side in the moment of its use: then nothing was answered, and what may
 *     be sent twice is sent again, on a socket of its own. What may not be takes no socket that was idle for long, for
 *     most servers close them after five seconds; and what fails all the same is said to have failed.
 */
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';

/** Enough for many tasks with one agent, few enough to be no flood. */
const MAX_SOCKETS_PER_ORIGIN = 64;
const KEEP_ALIVE_MS = 5_000;
const MAX_HEADER_BYTES = 64 * 1024;
/** X2. */
const FRESH_MS = 2_000;

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
  /** X2. */
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
  const idleSince = new WeakMap<Socket, number>();
  for (const agent of Object.values(agents))
    agent.on('free', (socket: Socket) => void idleSince.set(socket, performance.now()));

  /** Read off the clock: on a busy machine timers come late, and so does the word that a socket was closed. */
  function dropStale(agent: HttpAgent): void {
    const bound = performance.now() - FRESH_MS;
    for (const sockets of Object.values(agent.freeSockets))
      for (const socket of sockets ?? []) if ((idleSince.get(socket) ?? 0) < bound) socket.destroy();
  }

  function once(
    to: Place,
    { method, headers, body, signal }: Outgoing,
    { lookup, answerMs, late }: ExchangeOptions,
    agent: HttpAgent | false,
    failed: (onReused: boolean) => void = () => {},
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
        failed(outgoing.reusedSocket);
        reject(error);
      });
      outgoing.end(body);
    });
  }

  return {
    async send(to, message, options) {
      const agent = to.secure ? agents.https : agents.http;
      if (!options.mayRepeat) dropStale(agent);
      let reused = false;
      try {
        return await once(to, message, options, agent, (was) => (reused = was));
      } catch (thrown) {
        const again = isUnconnected(thrown) || (options.mayRepeat && reused && isHungUp(thrown));
        if (!again || message.signal?.aborted === true) throw thrown;
        return await once(to, message, options, false);
      }
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function isUnconnected(thrown: unknown): boolean {
  const { code, syscall } = thrown as NodeJS.ErrnoException;
  return code === 'ECONNRESET' && syscall === 'connect';
}

function isHungUp(thrown: unknown): boolean {
  const { code } = thrown as NodeJS.ErrnoException;
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
