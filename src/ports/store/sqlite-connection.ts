/**
 * One connection and its queue. Everything between BEGIN and COMMIT is synchronous, so nothing of this
 * process ever stands inside a transaction; other processes are waited for without blocking (SQLite's
 * own busy timeout sleeps on the main thread: stalls of 800 ms with two busy writers).
 */
import type { DatabaseSync } from 'node:sqlite';
import { errorText, Fault } from '../../base/index.ts';
import { isBusy, resultCode, sqliteFault } from './sqlite-faults.ts';
import { prepareAll, type Statements } from './sqlite-statements.ts';

export interface Work {
  db: DatabaseSync;
  sql: Statements;
}

export interface Connection {
  /** A transaction that writes. With a barrier it is on the disk, and all before it, when this resolves. */
  write<T>(barrier: boolean, work: (at: Work) => T): Promise<T>;
  /** A consistent read of several statements. */
  read<T>(work: (at: Work) => T): Promise<T>;
  /** A read of one statement, which is consistent by itself. */
  look<T>(work: (at: Work) => T): Promise<T>;
  /** Without a transaction and without the queue; the caller handles what is thrown. */
  bare<T>(work: (at: Work) => T): T;
  /** True when something is waiting to be written. */
  busy(): boolean;
  close(): void;
}

export interface ConnectionOptions {
  path: string;
  open(): DatabaseSync;
  busyTimeoutMs: number;
  /** Called after a transaction that failed: what was remembered of it is not so. */
  onFailure(): void;
}

/** A commit of another writer is short: for so long it is asked for at every turn of the loop. */
const SPIN_MS = 5;

export function createConnection(options: ConnectionOptions): Connection {
  const { path } = options;
  let at: Work | null = null;
  let closed = false;
  let synchronous = 'FULL';
  /** Commits of ours since the last one that was synced. */
  let unsynced = false;
  /** Ends when the last one in the queue has had its turn. */
  let queue: Promise<void> | null = null;

  function opened(): Work {
    if (closed) throw new Fault('site.stopped', `the store ${path} is closed`);
    if (at !== null) return at;
    const db = options.open();
    synchronous = 'FULL';
    try {
      return (at = { db, sql: prepareAll(db) });
    } catch (error) {
      db.close();
      if (resultCode(error) !== 1) throw error;
      throw new Fault('store.corrupt', `${path}: its tables are not those of a store (${errorText(error)})`, {
        cause: error,
      });
    }
  }

  function drop(): void {
    try {
      at?.db.close();
    } catch {
      // It is given up either way.
    }
    at = null;
  }

  function transact<T>(begin: 'begin' | 'beginWrite', barrier: boolean, work: (at: Work) => T): T {
    const now = opened();
    const { db, sql } = now;
    const writes = begin === 'beginWrite';
    const wanted = barrier ? 'FULL' : 'NORMAL';
    if (writes && synchronous !== wanted) {
      db.exec(`PRAGMA synchronous = ${wanted}`);
      synchronous = wanted;
    }
    try {
      sql[begin].run();
      // A commit that writes nothing syncs nothing: older commits must be carried along.
      const carries = writes && barrier && unsynced;
      const before = carries ? totalChanges(now) : 0;
      const result = work(now);
      if (carries && totalChanges(now) === before) sql.touch.run();
      sql.commit.run();
      if (writes) unsynced = !barrier;
      return result;
    } catch (error) {
      rollBack(now, error);
      throw error;
    }
  }

  function rollBack({ db }: Work, error: unknown): void {
    options.onFailure();
    try {
      if (db.isTransaction) db.exec('ROLLBACK');
    } catch {
      drop();
      return;
    }
    // After these the connection may hold a wrong view of the file (or none to write with): the next
    // call opens it anew. After FULL it does not.
    if ([8, 10, 11, 14, 26].includes(resultCode(error) ?? 0)) drop();
  }

  /** Tries at once, then again and again without blocking, until the time is up. */
  async function patiently<T>(attempt: () => T): Promise<T> {
    const began = performance.now();
    for (let tries = 1; ; tries++) {
      try {
        return attempt();
      } catch (error) {
        if (!isBusy(error)) throw sqliteFault(error, path);
        const waitedMs = performance.now() - began;
        if (waitedMs > options.busyTimeoutMs) {
          throw new Fault('store.busy', `${path} was held by another writer for ${Math.round(waitedMs)} ms`, {
            cause: error,
            afterMs: 100,
          });
        }
        await (waitedMs < SPIN_MS ? turn() : sleep(1 + Math.min(9, Math.floor(waitedMs / 100))));
      }
    }
  }

  async function inTurn<T>(attempt: () => T): Promise<T> {
    if (queue === null) {
      try {
        return attempt();
      } catch (error) {
        if (!isBusy(error)) throw sqliteFault(error, path);
      }
    }
    // Checked again: the attempt above is synchronous, so nobody came in between.
    const before = queue;
    const { promise: done, resolve: end } = Promise.withResolvers<void>();
    queue = done;
    try {
      await before;
      return await patiently(attempt);
    } finally {
      if (queue === done) queue = null;
      end();
    }
  }

  return {
    write: (barrier, work) => inTurn(() => transact('beginWrite', barrier, work)),
    read: (work) => patiently(() => transact('begin', false, work)),
    look: (work) => patiently(() => work(opened())),
    bare: (work) => work(opened()),
    busy: () => queue !== null,
    close() {
      closed = true;
      drop();
    },
  };
}

function totalChanges({ sql }: Work): number {
  return (sql.totalChanges.get() as { n: number }).n;
}

const turn = (): Promise<void> => new Promise((go) => setImmediate(go));
const sleep = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, ms));
