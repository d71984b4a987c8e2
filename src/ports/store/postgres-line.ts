/**
 * A line: one connection to the server that is opened when first needed, given up when the way is broken
 * or silent for too long, and opened anew by the next work.
 *
 * Each connection is a client of its own, which is thrown away with it. The library's pool, sql.begin,
 * sql.reserve and cursors are not used: in 3.4.9 a connection that closes under them can end the whole
 * process or hang for ever (porsager/postgres issues 1066, 1154, 1208).
 */
import type { Socket } from 'node:net';
import type postgres from 'postgres';
import { Fault } from '../../base/index.ts';
import { isWayBroken, postgresFault } from './postgres-faults.ts';
import { dial, KEEPALIVE_S, splitUrl, type Way } from './postgres-socket.ts';

export type Sql = postgres.Sql;

export interface LineOptions {
  url: string;
  /** Settings of the server's sessions. */
  settings?: Record<string, string | number>;
  connectTimeoutMs: number;
  /** For one work; the server ends a statement after this time, too. */
  limitMs: number;
  /** Makes a new connection ready. */
  begin?: (sql: Sql) => Promise<void>;
  onNotify?: (payload: string) => void;
  /** The connection was lost. */
  onDrop?: () => void;
}

export interface Line {
  /** `doing` names the work in faults. Works on a line reach the server in their order. */
  run<T>(doing: string, work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Cuts the connection as it is. */
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

/**
 * All our statements go by an index, one row after another. A plan that was made while a table was
 * small is kept by its session; without this it would read the whole table for every row later.
 */
const PLANS = {
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  // What is switched off counts as very expensive, which would have plans compiled for nothing.
  jit: 'off',
};

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
    const { url, path, tls } = splitUrl(options.url);
    const first = turn++;
    const settings: postgres.Options<{}> & Record<string, unknown> = {
      max: 1,
      ssl: false,
      ...(path === undefined ? {} : { path }),
      fetch_types: false,
      max_lifetime: null,
      idle_timeout: undefined,
      keep_alive: null,
      connect_timeout: options.connectTimeoutMs / 1000,
      onnotice: () => {},
      onnotify: (_channel: string, payload: string) => options.onNotify?.(payload),
      async socket(to: Way) {
        // The library would connect again by itself; what the session held is lost with it.
        if (opened.over) throw Object.assign(new Error('the connection was given up'), { code: 'CONNECTION_ENDED' });
        const socket = await dial(to, { tls, timeoutMs: options.connectTimeoutMs, first, sockets });
        socket.once('close', () => giveUp(opened));
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
        ...PLANS,
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
    async run(doing, work) {
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

/** A few lines for work that needs no order: each work takes the one with the least to do. */
export function createLines(count: number, open: () => Line): Line {
  const lines = Array.from({ length: count }, () => ({ line: open(), busy: 0 }));
  return {
    async run(doing, work) {
      const least = lines.reduce((a, b) => (b.busy < a.busy ? b : a));
      least.busy++;
      try {
        return await least.line.run(doing, work);
      } finally {
        least.busy--;
      }
    },
    drop() {
      for (const { line } of lines) line.drop();
    },
    async close() {
      await Promise.all(lines.map(({ line }) => line.close()));
    },
  };
}

/** Work in one transaction; only on a line that nobody else uses meanwhile. */
export async function transaction<T>(sql: Sql, options: string, work: () => Promise<T>): Promise<T> {
  await sql.unsafe(`begin ${options}`);
  try {
    const result = await work();
    await sql.unsafe('commit');
    return result;
  } catch (error) {
    // Without a connection there is nothing to roll back: the server has done it.
    if (!isWayBroken(error)) await sql.unsafe('rollback').catch(() => {});
    throw error;
  }
}
