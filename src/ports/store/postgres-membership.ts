/** A worker's place at a PostgreSQL store: its lock and lease, its commits, its claims, its bell. */
import { Fault } from '../../base/index.ts';
import { checkGroup } from './check.ts';
import { commitGroup, texts } from './postgres-commit.ts';
import { createBell } from './postgres-bell.ts';
import { createLine, type Sql } from './postgres-line.ts';
import { createNotices, isFor, strangers } from './postgres-notices.ts';
import type { PostgresStoreContext } from './postgres.ts';
import type { ClaimRequest, Membership, StreamInfo } from './port.ts';
import { claimedInfo, type ClaimedRow } from './postgres-read.ts';

/** More than anybody can mean. */
const MAX_ROWS = 1_000_000;

export interface PostgresMembership extends Membership {
  /** Cuts the connections as they are, as a death of the process would. */
  kill(): void;
}

export async function joinPostgres(context: PostgresStoreContext, worker: string): Promise<PostgresMembership> {
  const { library, schema, channel, leaseMs, pollMs, connectTimeoutMs, commitTimeoutMs, url } = context;
  const common = { url, connectTimeoutMs, limitMs: commitTimeoutMs };
  const watchers = new Set<() => void>();
  let state: 'joining' | 'here' | 'left' | 'dead' = 'joining';
  let me = 0;
  let since = '';

  async function enter(sql: Sql): Promise<void> {
    const [row] = await sql.unsafe(`select me, since::text from ${schema}.join_1($1, $2)`, [worker, leaseMs]);
    if (row!['me'] === null) throw new Fault('conflict', `a worker named ${worker} is at work already`);
    me = row!['me'] as number;
    since = row!['since'] as string;
  }
  async function holdLock(sql: Sql): Promise<void> {
    await sql.unsafe(`select pg_advisory_lock_shared(${schema}.lock_class(), $1::int)`, [me], { prepare: true });
  }
  async function beat(sql: Sql): Promise<void> {
    const values = [me, worker, since, leaseMs];
    await sql.unsafe(`select ${schema}.beat_1($1, $2, $3::timestamptz, $4)`, values, { prepare: true });
  }

  const bell = createBell(async () => {
    await place.run('heartbeat', beat);
    await desk.run('heartbeat', (sql) => sql.unsafe('select 1', [], { prepare: true }));
  }, leaseMs / 3);
  /** Commits and claims, in their order. */
  const desk = createLine(library, { ...common, begin: holdLock, onDrop: () => bell.poke() });
  /** Heartbeats and notices. Either of the two connections holds the lock. */
  const place = createLine(library, {
    ...common,
    settings: { synchronous_commit: 'off' },
    async begin(sql) {
      if (me === 0) {
        await enter(sql);
      } else {
        await holdLock(sql);
        await beat(sql);
      }
      await sql.unsafe(`listen "${channel}"`);
      wake();
    },
    onNotify(payload) {
      if (isFor(me, payload)) wake();
    },
    onDrop: () => bell.poke(),
  });

  function wake(): void {
    if (state === 'here') for (const watcher of watchers) void Promise.resolve().then(watcher);
  }
  function act(): void {
    if (state !== 'here') throw new Fault('site.stopped', `the worker ${worker} has no place at the store any more`);
  }

  function stop(next: 'left' | 'dead'): void {
    state = next;
    clearInterval(poll);
    bell.stop();
    watchers.clear();
  }

  try {
    await place.run('join', async () => {});
    await desk.run('join', async () => {});
  } catch (error) {
    bell.stop();
    await Promise.all([desk.close(), place.close()]);
    throw error;
  }
  state = 'here';
  const notices = createNotices(place, schema, channel, me);
  const poll = setInterval(wake, pollMs);
  poll.unref();

  const member: PostgresMembership = {
    worker,
    async commit(appends, barrier) {
      act();
      checkGroup(appends);
      if (appends.length === 0) return [];
      const results = await desk.run('commit', (sql) => commitGroup(sql, schema, me, appends, barrier));
      const { streams, given } = strangers(appends);
      notices.ring(streams, given);
      return results;
    },
    async claim(request) {
      act();
      return desk.run('claim', (sql) => claim(sql, schema, me, worker, request));
    },
    async due(nowMs, limit) {
      act();
      const rows = await place.run('due letters', (sql) =>
        sql.unsafe<{ o_stream: string; o_id: string; o_due_ms: string; o_body: string }[]>(
          `select * from ${schema}.due_1($1, $2, $3)`,
          [me, Math.floor(nowMs), Math.min(limit, MAX_ROWS)],
          { prepare: true },
        ),
      );
      return rows.map((row) => ({ stream: row.o_stream, id: row.o_id, dueMs: Number(row.o_due_ms), body: row.o_body }));
    },
    async nextDueMs() {
      act();
      const [row] = await place.run('next due letter', (sql) =>
        sql.unsafe<{ next: string | null }[]>(`select ${schema}.next_due_1($1) as next`, [me], { prepare: true }),
      );
      return row!.next === null ? null : Number(row!.next);
    },
    watch(call) {
      watchers.add(call);
      return () => watchers.delete(call);
    },
    async leave() {
      if (state !== 'here') return;
      stop('left');
      try {
        await place.run('leave', (sql) =>
          sql.unsafe(`update ${schema}.members set has_left = true where member = $1::int`, [me]),
        );
        await place.run('leave', (sql) => sql.unsafe(`select pg_notify($1, '0>*')`, [channel]));
      } finally {
        await Promise.all([desk.close(), place.close()]);
        context.members.delete(me);
      }
    },
    kill() {
      stop('dead');
      for (const line of [desk, place]) {
        line.drop();
        void line.close();
      }
      context.members.delete(me);
    },
  };
  context.members.set(me, member);
  return member;
}

async function claim(
  sql: Sql,
  schema: string,
  me: number,
  worker: string,
  request: ClaimRequest,
): Promise<StreamInfo[]> {
  const { has, format, limit, nowMs, stream, holds } = request;
  let stray: string[] = [];
  if (holds !== undefined) {
    const mine = await sql.unsafe<{ stream: string }[]>(
      `select stream from ${schema}.streams where owner = $1::int and status = 'open'`,
      [me],
    );
    stray = mine.map((row) => row.stream).filter((id) => !holds(id));
  }
  const rows = await sql.unsafe<ClaimedRow[]>(
    `select * from ${schema}.claim_1($1, $2, $3, $4, $5, $6, $7)`,
    [
      me,
      has === null ? null : texts(has),
      format,
      Math.min(limit, MAX_ROWS),
      Math.floor(nowMs),
      stream ?? null,
      texts(stray),
    ],
    { prepare: true },
  );
  return rows.map((row) => claimedInfo(row, worker));
}
