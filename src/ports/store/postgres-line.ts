/**
 * A line: one or a few connections to the server that are opened when first used, given up whole
 * when the way is broken or silent for too long, and opened anew by the next use.
 */
import { connect, type Socket } from 'node:net';
import type postgres from 'postgres';
import { Fault } from '../../base/index.ts';
import { isWayBroken, postgresFault } from './postgres-faults.ts';

export type Sql = postgres.Sql;

export interface LineOptions {
  url: string;
  /** Connections at most. */
  max: number;
  /** Settings of the server's sessions. */
  settings?: Record<string, string | number>;
  connectTimeoutMs: number;
  /** For one use; the server ends a statement after this time, too. */
  limitMs: number;
  /** Makes a new connection ready (only sensible with max: 1). */
  begin?: (sql: Sql) => Promise<void>;
  onNotify?: (payload: string) => void;
  /** The connection was lost. */
  onDrop?: () => void;
}

export interface Line {
  /** `doing` names the work in faults. Uses of a line with max: 1 reach the server in their order. */
  use<T>(doing: string, work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Cuts the connections as they are. */
  drop(): void;
  close(): Promise<void>;
}

/** An idle way that has died is noticed by the server after about KEEPALIVE_S * 4. */
const KEEPALIVE_S = 5;

export type Library = typeof postgres;

export async function loadLibrary(): Promise<Library> {
  try {
    return (await import('postgres')).default;
  } catch (error) {
    throw new Fault('input.invalid', 'the PostgreSQL store needs the npm package `postgres`: npm install postgres', {
      cause: error,
    });
  }
}

interface Session {
  sql: Sql;
  ready: Promise<void>;
  sockets: Set<Socket>;
  over: boolean;
}

export function createLine(library: Library, options: LineOptions): Line {
  let session: Session | null = null;
  let turn = 0;
  let closed = false;

  function open(): Session {
    const sockets = new Set<Socket>();
    const { url, path } = splitUrl(options.url);
    const first = turn++;
    const settings: postgres.Options<{}> & Record<string, unknown> = {
      max: options.max,
      ...(path === undefined ? {} : { path }),
      fetch_types: false,
      max_lifetime: null,
      idle_timeout: undefined,
      keep_alive: null,
      connect_timeout: options.connectTimeoutMs / 1000,
      onnotice: () => {},
      onnotify: (_channel: string, payload: string) => options.onNotify?.(payload),
      async socket(to: Way) {
        const socket = await dial(to, first, options.connectTimeoutMs, sockets);
        // A pool opens another one by itself; what a single connection held is lost with it.
        if (options.max === 1) socket.once('close', () => giveUp(opened));
        return socket;
      },
      connection: {
        application_name: 'skein',
        default_transaction_isolation: 'read committed',
        statement_timeout: options.limitMs,
        tcp_keepalives_idle: KEEPALIVE_S,
        tcp_keepalives_interval: KEEPALIVE_S,
        tcp_keepalives_count: 3,
        tcp_user_timeout: KEEPALIVE_S * 4000,
        ...options.settings,
      },
    };
    const sql = library(url, settings);
    const opened: Session = { sql, sockets, ready: Promise.resolve(), over: false };
    if (options.begin !== undefined) {
      opened.ready = options.begin(sql);
      opened.ready.catch(() => giveUp(opened));
    }
    return opened;
  }

  function giveUp(lost: Session): void {
    if (lost.over) return;
    lost.over = true;
    if (session === lost) {
      session = null;
      if (!closed) options.onDrop?.();
    }
    lost.sql.end({ timeout: 0 }).catch(() => {});
    for (const socket of lost.sockets) socket.destroy();
  }

  return {
    async use(doing, work) {
      if (closed) throw new Fault('site.stopped', 'the store is closed');
      const used = (session ??= open());
      try {
        // Without `begin` nothing is awaited before the work, so that uses keep their order.
        const done = options.begin === undefined ? work(used.sql) : used.ready.then(() => work(used.sql));
        return await within(done, options.limitMs, doing);
      } catch (error) {
        if (isWayBroken(error)) giveUp(used);
        throw postgresFault(error, doing);
      }
    },
    drop() {
      if (session !== null) giveUp(session);
    },
    async close() {
      closed = true;
      const last = session;
      session = null;
      if (last === null) return;
      last.over = true;
      await last.sql.end({ timeout: 1 }).catch(() => {});
      for (const socket of last.sockets) socket.destroy();
    },
  };
}

async function within<T>(work: Promise<T>, limitMs: number, doing: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Fault('store.unreachable', `PostgreSQL, ${doing}: no answer within ${limitMs} ms`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

interface Way {
  host: string[];
  port: number[];
  path?: string | undefined;
}

/** Tries the servers of a URL in turn, beginning with another one each time. */
async function dial(to: Way, first: number, timeoutMs: number, sockets: Set<Socket>): Promise<Socket> {
  if (typeof to.path === 'string' && to.path !== '') return dialOne({ path: to.path }, timeoutMs, sockets);
  let failure: unknown;
  for (let i = 0; i < to.host.length; i++) {
    const at = (first + i) % to.host.length;
    try {
      return await dialOne({ host: to.host[at]!, port: to.port[at] ?? to.port[0]! }, timeoutMs, sockets);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function dialOne(
  to: { path: string } | { host: string; port: number },
  timeoutMs: number,
  sockets: Set<Socket>,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(to);
    const late = setTimeout(
      () => fail(Object.assign(new Error(`no connection within ${timeoutMs} ms`), { code: 'CONNECT_TIMEOUT' })),
      timeoutMs,
    );
    function fail(error: Error): void {
      clearTimeout(late);
      sockets.delete(socket);
      socket.destroy();
      reject(error);
    }
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEPALIVE_S * 1000);
    socket.once('error', fail);
    socket.once('close', () => sockets.delete(socket));
    socket.once('connect', () => {
      clearTimeout(late);
      socket.removeListener('error', fail);
      resolve(socket);
    });
  });
}

/** `?host=/directory` names a Unix socket's directory, as it does for libpq. */
function splitUrl(text: string): { url: string; path?: string } {
  const cut = text.indexOf('?');
  if (cut < 0) return { url: text };
  const query = new URLSearchParams(text.slice(cut + 1));
  const dir = query.get('host');
  if (dir === null || !dir.startsWith('/')) return { url: text };
  query.delete('host');
  const port = new URL(text).port || '5432';
  return {
    url: query.size === 0 ? text.slice(0, cut) : `${text.slice(0, cut)}?${query}`,
    path: `${dir}/.s.PGSQL.${port}`,
  };
}
