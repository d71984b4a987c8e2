/**
 * The embedded store: one SQLite file in WAL mode, on the main thread, shared by any number of
 * processes of one host. See sqlite-schema.ts for how the file is laid out, sqlite-append.ts for the
 * hot path, sqlite-connection.ts for how writers wait for one another.
 *
 * What the engine promises (S4): a barrier is a commit with `synchronous = FULL`, which syncs the log up
 * to and with it; without a barrier a commit is in the system's memory, safe from the death of the
 * process, not from a power cut. SQLite's log guards itself with checksums against torn writes: what
 * follows a damaged frame is cut off when the log is next recovered. A flipped bit in the middle of
 * the log can therefore drop commits that were acknowledged. The chain of a shortened journal is
 * still whole, so only a signed head kept elsewhere finds that (site/audit).
 */
import { resolve } from 'node:path';
import { Fault } from '../../base/index.ts';
import type { Store } from './port.ts';
import { createAppender } from './sqlite-append.ts';
import { createCheckpoints } from './sqlite-checkpoint.ts';
import { type Liveness, readWorkers, stateOf, workerInfos } from './sqlite-claim.ts';
import { createConnection } from './sqlite-connection.ts';
import { sqliteFault } from './sqlite-faults.ts';
import { backupTo, compactRows, eraseRows, markRestoredRows } from './sqlite-keep.ts';
import { removeLock, sweepLocks, takeLock } from './sqlite-lock.ts';
import { createSqliteMember, type Hall } from './sqlite-member.ts';
import { lettersOf, listStreams, readInfo, readLog, readRows } from './sqlite-read.ts';
import { growLog, openDatabase } from './sqlite-schema.ts';
import { createWatchers } from './sqlite-watch.ts';

export interface SqliteStoreOptions {
  path: string;
  /** The log's size from the first join on (default 16 MB): commits to a log that need not grow sync faster. 0 = as it comes. */
  growLogMb?: number;
  /** A checkpoint after about so much (default 4 MB). */
  checkpointMb?: number;
  /** The log is made to start again beyond this (default 32 MB). */
  logCapMb?: number;
  cacheMb?: number;
  /** The file may not grow beyond this: then `store.full`. */
  maxMb?: number;
  /** How long a write waits for other processes, without blocking this one (default 10 s). */
  busyTimeoutMs?: number;
  /** An owner that holds its lock but shows no sign of life for so long may be taken over (default 15 s). */
  pausedAfterMs?: number;
  /** How often to look for what other processes wrote, while somebody watches (default 20 ms). */
  watchEveryMs?: number;
  nowMs?: () => number;
}

export interface SqliteStore extends Store {
  /** Ends a worker of this process as its death would: its lock goes, nothing is written. For tests. */
  kill(worker: string): void;
}

const MB = 1 << 20;

export function createSqliteStore(options: SqliteStoreOptions): SqliteStore {
  const path = resolve(options.path);
  const {
    growLogMb = 16,
    checkpointMb = 4,
    logCapMb = 32,
    cacheMb = 64,
    busyTimeoutMs = 10_000,
    watchEveryMs = 20,
  } = options;
  const nowMs = options.nowMs ?? Date.now;
  const liveness: Liveness = {
    path,
    pausedAfterMs: options.pausedAfterMs ?? 15_000,
    monotonicMs: () => Number(process.hrtime.bigint() / 1000n) / 1000,
  };
  const appender = createAppender();
  const connection = createConnection({
    path,
    busyTimeoutMs,
    open: () => openDatabase(path, cacheMb, options.maxMb),
    onFailure: appender.forget,
  });
  const checkpoints = createCheckpoints(connection, { everyBytes: checkpointMb * MB, capBytes: logCapMb * MB });
  const watchers = createWatchers(connection, watchEveryMs);
  const hall: Hall = { connection, appender, checkpoints, watchers, liveness, members: new Map() };

  return {
    kind: 'sqlite',
    async join(worker) {
      const lock = locked();
      try {
        const me = await connection.write(true, (at) => {
          const rows = readWorkers(at);
          sweepLocks(
            path,
            rows.map((row) => row.lock),
          );
          const holder = rows.find((row) => row.worker === worker && stateOf(liveness, row) !== 'dead');
          if (holder !== undefined) throw new Fault('conflict', `a worker named ${worker} is at work already`);
          return Number(at.sql.joinWorker.run(worker, lock.token, nowMs(), liveness.monotonicMs()).lastInsertRowid);
        });
        // Only who writes much pays for it: a look from a command line does not.
        if (hall.members.size === 0) connection.bare(({ db }) => growLog(db, path, growLogMb * MB));
        const member = createSqliteMember(hall, worker, me, lock);
        hall.members.set(worker, member);
        return member;
      } catch (error) {
        lock.drop();
        removeLock(path, lock.token);
        throw error;
      }
    },
    async post(letters) {
      await connection.write(true, (at) => appender.send(at, letters));
      watchers.wake(null);
    },
    read: (stream, { from = 0, limit = Infinity } = {}) =>
      connection.read((at) => readRows(at, stream, from, limit).map(({ row: _, ...record }) => record)),
    log: ({ from, limit }) => connection.read((at) => readLog(at, from, limit)),
    info: (stream) => connection.look((at) => readInfo(at, stream)),
    list: (list) => connection.read((at) => listStreams(at, list)),
    letters: (stream) => connection.read((at) => lettersOf(at, stream)),
    snapshot: (stream) =>
      connection.look(({ sql }) => plain<{ seq: number; state: string }>(sql.snapshotOf.get(stream))),
    checkpoint: (stream) =>
      connection.look(({ sql }) => plain<{ seq: number; hash: string; text: string }>(sql.checkpointOf.get(stream))),
    workers: () => connection.read((at) => workerInfos(at, liveness)),
    async erase(stream, seqs) {
      const erased = await connection.write(true, (at) => eraseRows(at, stream, seqs));
      // The log still holds the pages as they were.
      if (erased > 0 && checkpoints.truncate()) connection.bare(({ db }) => growLog(db, path, growLogMb * MB));
      return erased;
    },
    compact: (stream, checkpoint) => connection.write(true, (at) => compactRows(at, stream, checkpoint)),
    async backup(target) {
      await connection.read(() => {});
      try {
        await backupTo(path, target);
      } catch (error) {
        throw sqliteFault(error, target);
      }
    },
    markRestored: (atMs) => connection.write(true, (at) => markRestoredRows(at, atMs)),
    kill: (worker) => hall.members.get(worker)?.drop(),
    async close() {
      for (const member of hall.members.values()) member.drop();
      watchers.stop();
      checkpoints.stop();
      connection.close();
    },
  };

  function locked(): ReturnType<typeof takeLock> {
    try {
      return takeLock(path);
    } catch (error) {
      throw sqliteFault(error, `${path}.workers`);
    }
  }
}

/** A row as a plain object. */
function plain<T extends object>(row: unknown): T | null {
  return row === undefined ? null : { ...(row as T) };
}
