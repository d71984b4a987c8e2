/** A worker's place at an SQLite store. */
import { Fault } from '../../base/index.ts';
import { checkGroup } from './check.ts';
import type { Append, AppendResult, Delivered, Membership } from './port.ts';
import type { Appender } from './sqlite-append.ts';
import type { Checkpoints } from './sqlite-checkpoint.ts';
import { claimStreams, type Liveness } from './sqlite-claim.ts';
import type { Connection } from './sqlite-connection.ts';
import { removeLock, type WorkerLock } from './sqlite-lock.ts';
import type { Watchers } from './sqlite-watch.ts';

/** What all members of one store share. */
export interface Hall {
  connection: Connection;
  appender: Appender;
  checkpoints: Checkpoints;
  watchers: Watchers;
  liveness: Liveness;
  members: Map<string, SqliteMember>;
}

export interface SqliteMember extends Membership {
  /** Lets the lock go and stops, as death would: nothing is written. */
  drop(): void;
}

export function createSqliteMember(hall: Hall, worker: string, me: number, lock: WorkerLock): SqliteMember {
  const { connection, appender, checkpoints, watchers, liveness } = hall;
  const stops = new Set<() => void>();
  let here = true;

  const heart = setInterval(() => {
    // A beat that fails is missed; the next one is soon.
    connection.write(false, ({ sql }) => sql.beat.run(liveness.monotonicMs(), me)).catch(() => {});
  }, liveness.pausedAfterMs / 3).unref();

  function act(): void {
    if (!here) throw new Fault('site.stopped', `the worker ${worker} has no place at the store any more`);
  }

  function drop(): void {
    if (!here) return;
    here = false;
    clearInterval(heart);
    for (const stop of stops) stop();
    hall.members.delete(worker);
    lock.drop();
  }

  return {
    worker,
    async commit(appends, barrier): Promise<AppendResult[]> {
      act();
      checkGroup(appends);
      const results = await connection.write(barrier, (at) => appender.group(at, me, appends));
      checkpoints.wrote(bytesOf(appends));
      if (appends.some((a, i) => (a.send !== undefined || a.release === true) && results[i]!.ok)) watchers.wake(worker);
      return results;
    },
    async claim(request) {
      act();
      return await claimStreams(connection, liveness, me, request);
    },
    async due(nowMs, limit) {
      act();
      const rows = await connection.read(({ sql }) => sql.due.all(me, nowMs, limit) as unknown as Delivered[]);
      return rows.map(({ stream, id, dueMs, body }) => ({ stream, id, dueMs, body }));
    },
    async nextDueMs() {
      act();
      return await connection.read(({ sql }) => {
        const [own, free] = [me, 0].map((owner) => (sql.nextDue.get(owner) as { due: number | null }).due);
        return own == null ? (free ?? null) : free == null ? own : Math.min(own, free);
      });
    },
    watch(call) {
      const stop = watchers.add(worker, call);
      stops.add(stop);
      return () => {
        stops.delete(stop);
        stop();
      };
    },
    async leave() {
      if (!here) return;
      drop();
      const empty = await connection.write(true, ({ sql }) => {
        sql.unlockWorker.run(me);
        return sql.forgetWorker.run(me).changes > 0;
      });
      removeLock(liveness.path, lock.token);
      if (!empty) watchers.wake(worker);
    },
    drop,
  };
}

/** About what a group puts into the log: whole pages for a few words, once for many. */
function bytesOf(appends: readonly Append[]): number {
  let bytes = 8192;
  for (const { record, snapshot } of appends) {
    if (record !== undefined) bytes += record.header.length + record.payloads.length + 160;
    if (snapshot !== undefined) bytes += snapshot.state.length + 4096;
  }
  return bytes;
}
