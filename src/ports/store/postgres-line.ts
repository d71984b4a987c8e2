/**
 * A line: one or a few connections to the server that are opened when first used, given up whole
 * when the way is broken or silent for too long, and opened anew by the next use.
 */
import type { Socket } from 'node:net';
import type postgres from 'postgres';
import { Fault } from '../../base/index.ts';
import { isWayBroken, postgresFault } from './postgres-faults.ts';
import { dial, KEEPALIVE_S, splitUrl, type Way } from './postgres-socket.ts';

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
