/** Claims (S3, S7): whose streams may be taken, and taking them. */
import type { ClaimRequest, StreamInfo, WorkerInfo } from './port.ts';
import type { Connection, Work } from './sqlite-connection.ts';
import { isHeld, removeLock } from './sqlite-lock.ts';
import { infoOf, type InfoRow } from './sqlite-read.ts';
import { NOBODY } from './sqlite-schema.ts';

interface WorkerRow {
  id: number;
  worker: string;
  lock: string;
  since: number;
  beat: number;
}

export interface Liveness {
  path: string;
  pausedAfterMs: number;
  /** The host's monotonic clock: the same for all processes, stands still while the host sleeps. */
  monotonicMs(): number;
}

type State = 'alive' | 'paused' | 'dead';

export function readWorkers({ sql }: Work): WorkerRow[] {
  return sql.workers.all() as unknown as WorkerRow[];
}

export function stateOf({ path, pausedAfterMs, monotonicMs }: Liveness, { lock, beat }: WorkerRow): State {
  if (!isHeld(path, lock)) return 'dead';
  return monotonicMs() - beat > pausedAfterMs ? 'paused' : 'alive';
}

export function workerInfos(at: Work, liveness: Liveness): WorkerInfo[] {
  return readWorkers(at).map((row) => ({
    worker: row.worker,
    alive: stateOf(liveness, row) === 'alive',
    sinceMs: row.since,
  }));
}

/** Row ids of streams that may be claimed, in the order in which they are. */
function candidates({ sql }: Work, me: number, gone: readonly WorkerRow[], request: ClaimRequest): number[] {
  const { nowMs, stream, holds, limit } = request;
  const able = { format: request.format, has: request.has === null ? null : JSON.stringify(request.has) };
  if (stream !== undefined) {
    const found = sql.named.get({ ...able, stream }) as { id: number; owner: number } | undefined;
    if (found === undefined || limit < 1) return [];
    const { id, owner } = found;
    const free =
      owner === NOBODY || gone.some((w) => w.id === owner) || (owner === me && holds !== undefined && !holds(stream));
    return free ? [id] : [];
  }
  const ids = new Set<number>();
  for (const { id: owner } of gone) {
    if (ids.size >= limit) break;
    for (const { id } of sql.ownedBy.all({ ...able, owner, limit: limit - ids.size }) as { id: number }[]) ids.add(id);
  }
  if (holds !== undefined) {
    for (const own of sql.ownedBy.iterate({ ...able, owner: me, limit: -1 }) as Iterable<{
      id: number;
      stream: string;
    }>) {
      if (ids.size >= limit) break;
      if (!holds(own.stream)) ids.add(own.id);
    }
  }
  if (ids.size < limit) {
    for (const { id } of sql.freeDue.all({ ...able, now: nowMs, limit: limit - ids.size }) as { id: number }[])
      ids.add(id);
  }
  return [...ids];
}

export async function claimStreams(
  connection: Connection,
  liveness: Liveness,
  me: number,
  request: ClaimRequest,
): Promise<StreamInfo[]> {
  // Locks are tested once for each call, outside the transaction. Who is dead stays dead; who was
  // paused and woke meanwhile loses a stream that it can have again.
  const others = await connection.read((at) => readWorkers(at).filter((row) => row.id !== me));
  const states = others.map((row) => stateOf(liveness, row));
  const gone = others.filter((_, i) => states[i] !== 'alive');
  const dead = others.filter((_, i) => states[i] === 'dead');
  const any = await connection.read((at) => candidates(at, me, gone, request).length > 0);
  if (!any && dead.length === 0) return [];
  const swept: WorkerRow[] = [];
  const infos = await connection.write(any, (at) => {
    const { sql } = at;
    swept.length = 0;
    const claimed = candidates(at, me, gone, request).map((id) => {
      sql.claim.run(me, id);
      sql.ownLetters.run(me, id);
      return infoOf(sql.infoById.get(id) as unknown as InfoRow);
    });
    for (const row of dead) if (sql.forgetWorker.run(row.id).changes > 0) swept.push(row);
    return claimed;
  });
  for (const { lock } of swept) removeLock(liveness.path, lock);
  return infos;
}
