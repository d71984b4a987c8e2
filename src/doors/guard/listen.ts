/** Listening: on loopback unless more is asked for on purpose; never wider in the clear by accident. */
import { lookup } from 'node:dns/promises';
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIP } from 'node:net';
import { getRequestListener, type HttpBindings, RequestError } from '@hono/node-server';
import { Fault, errorText } from '../../base/index.ts';
import { CLOSE_GRACE_MS, HEADERS_TIMEOUT_MS, KEEP_ALIVE_MS, MAX_SOCKETS, REQUEST_TIMEOUT_MS } from './limits.ts';
import { isLoopback } from './names.ts';
import { problemResponse } from './problem.ts';

export interface ListenOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: a free one. */
  port?: number;
  /** PEM texts. */
  tls?: { cert: string; key: string };
  /** Listen wider than loopback in the clear, because something in front of it speaks TLS. */
  allowWide?: boolean;
}

export interface Listening {
  url: string;
  port: number;
  /** Takes no more, lets requests end for a moment, then cuts them. */
  close(): Promise<void>;
}

type Fetch = (request: Request, env: HttpBindings) => Response | Promise<Response>;

const IDLE_LOOK_MS = 20;
export const DEFAULT_HOST = '127.0.0.1';

/** Whether it would be reached from other machines. */
export async function isWide(host: string): Promise<boolean> {
  if (isIP(host) !== 0) return !isLoopback(host);
  const found = await lookup(host, { all: true }).catch((error: unknown) => {
    throw new Fault('input.invalid', `cannot listen on '${host}': ${errorText(error)}`, { cause: error });
  });
  return found.some(({ address }) => !isLoopback(address));
}

export async function checkWidth({ host = DEFAULT_HOST, tls, allowWide }: ListenOptions): Promise<void> {
  if (tls !== undefined || allowWide === true || !(await isWide(host))) return;
  throw new Fault(
    'input.invalid',
    `'${host}' is reached from other machines, and tokens would travel in the clear: give \`tls\` a certificate, ` +
      'listen on 127.0.0.1, or say `allowWide` if something in front of it speaks TLS',
  );
}

export async function listen(fetch: Fetch, options: ListenOptions = {}): Promise<Listening> {
  const { host = DEFAULT_HOST, port = 0, tls } = options;
  await checkWidth(options);
  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const listener = getRequestListener(fetch as never, { hostname: host, errorHandler: refuse });
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => void listener(incoming, outgoing);
  const server =
    tls === undefined ? createPlainServer(limits, onRequest) : createTlsServer({ ...limits, ...tls }, onRequest);
  server.maxConnections = MAX_SOCKETS;
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const why = error.code === 'EADDRINUSE' ? 'something else listens there' : error.message;
      const next =
        'Is a site up here already? Else name another port: `http.port` in the configuration or SKEIN_HTTP_PORT, 0 for any.';
      reject(
        new Fault('conflict', `cannot listen on ${host}, port ${port}: ${why}`, { cause: error, detail: { next } }),
      );
    };
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
  const bound = server.address() as { port: number };
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${isIP(host) === 6 ? `[${host}]` : host}:${bound.port}`,
    port: bound.port,
    close: () =>
      new Promise((resolve) => {
        // A connection falls idle when its answer is through.
        const idle = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS);
        const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
        server.close(() => {
          clearInterval(idle);
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

/** What is no request at all by its address or its Host, before any door sees it. */
function refuse(error: unknown): Response {
  if (!(error instanceof RequestError)) return problemResponse(error);
  return problemResponse(new Fault('input.invalid', `this is no request: ${errorText(error).toLowerCase()}`));
}
