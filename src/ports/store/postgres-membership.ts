/** A worker's place at a PostgreSQL store: its lock and lease, its commits, its claims, its bell. */
import { Fault } from '../../base/index.ts';
import { checkGroup } from './check.ts';
import { commitGroup, texts } from './postgres-commit.ts';
import { createLine, type Sql } from './postgres-line.ts';
import type { PostgresStoreContext } from './postgres.ts';
import type { Append, ClaimRequest, Delivered, Membership, StreamInfo } from './port.ts';
import { claimedInfo, type ClaimedRow } from './postgres-read.ts';

export interface PostgresMembership extends Membership {
  /** Cuts the connections as they are, as a death of the process would. */
  abandon(): void;
}

export async function joinPostgres(context: PostgresStoreContext, worker: string): Promise<PostgresMembership> {
  const { library, line, schema, channel, leaseMs, pollMs, connectTimeoutMs, commitTimeoutMs, url } = context;
  const watchers = new Set<() => void>();
  let state: 'here' | 'left' | 'dead' = 'here';

  const [row] = await line.use('join', (sql) =>
    sql.unsafe(`select me, since::text, rival from ${schema}.join_1($1, $2)`, [worker, leaseMs]),
  );
  if (row!['rival'] === true) throw new Fault('conflict', `a worker named ${worker} is at work already`);
  const me = row!['me'] as number;
  const since = row!['since'] as string;

  const holdLock = async (sql: Sql): Promise<void> => {
    await sql.unsafe(`select pg_advisory_lock_shared(${schema}.lock_class(), $1::int)`, [me], { prepare: true });
  };
  const beat = (sql: Sql): Promise<unknown> =>
    sql.unsafe(`select ${schema}.beat_1($1, $2, $3::timestamptz, $4)`, [me, worker, since, leaseMs], { prepare: true });
  const common = { url, max: 1, connectTimeoutMs, limitMs: commitTimeoutMs };

  /** Commits and claims, in their order. */
  const desk = createLine(library, { ...common, begin: holdLock, onDrop: () => bell.poke() });
  /** Heartbeats and notices. Either of the two connections holds the lock. */
  const place = createLine(library, {
    ...common,
    settings: { synchronous_commit: 'off' },
    async begin(sql) {
      await holdLock(sql);
      await beat(sql);
      await sql.unsafe(`listen "${channel}"`);
      wake();
    },
    onNotify: (payload) => {
      const [from, to] = payload.split('>');
      if (from !== String(me) && (to === '*' || to!.split(',').includes(String(me)))) wake();
    },
    onDrop: () => bell.poke(),
  });
  const bell = createBell(async () => {
    await place.use('heartbeat', beat);
    await desk.use('heartbeat', (sql) => sql.unsafe('select 1', [], { prepare: true }));
  }, leaseMs / 3);

  function wake(): void {
    if (state === 'here') for (const watcher of watchers) watcher();
  }
  const poll = setInterval(wake, pollMs);
  poll.unref();

  function act(): void {
    if (state !== 'here') throw new Fault('site.stopped', `the worker ${worker} has no place at the store any more`);
  }

  function stop(next: 'left' | 'dead'): void {
    state = next;
    clearInterval(poll);
    bell.stop();
    watchers.clear();
  }

  /** Tells the owners of these streams, or everyone, without waiting for it. */
  function ring(streams: string[], everyone: boolean): void {
    if (streams.length > 0 || everyone) void context.ring(place, me, streams, everyone).catch(() => {});
  }

  await place.use('join', async () => {});
  await desk.use('join', async () => {});

  const member: PostgresMembership = {
    worker,
    async commit(appends, barrier) {
      act();
      checkGroup(appends);
      if (appends.length === 0) return [];
      const results = await desk.use('commit', (sql) => commitGroup(sql, schema, me, appends, barrier));
      const { streams, everyone } = strangers(appends);
      ring(streams, everyone);
      return results;
    },
    async claim(request) {
      act();
      return desk.use('claim', (sql) => claim(sql, schema, me, worker, request));
    },
    async due(nowMs, limit) {
      act();
      const rows = await place.use('due letters', (sql) =>
        sql.unsafe<(Delivered & { due_ms: string })[]>(
          `select l.stream, l.id, l.due_ms, l.body from ${schema}.letters l join ${schema}.streams s using (stream)
           where not l.asleep and l.due_ms <= $2::bigint and s.owner = $1::int and s.status = 'open' order by l.due_ms, l.arrival limit $3::int`,
          [me, Math.floor(nowMs), limit],
          { prepare: true },
        ),
      );
      return rows.map(({ stream, id, due_ms, body }) => ({ stream, id, dueMs: Number(due_ms), body }));
    },
    async nextDueMs() {
      act();
      const rows = await place.use('next due letter', (sql) =>
        sql.unsafe<{ due_ms: string }[]>(
          `select l.due_ms from ${schema}.letters l join ${schema}.streams s using (stream)
           where not l.asleep and (s.owner = $1::int or s.owner is null) and s.status = 'open' order by l.due_ms, l.arrival limit 1`,
          [me],
          { prepare: true },
        ),
      );
      return rows[0] === undefined ? null : Number(rows[0].due_ms);
    },
    watch(call) {
      watchers.add(call);
      return () => watchers.delete(call);
    },
    async leave() {
      if (state !== 'here') return;
      stop('left');
      try {
        await place.use('leave', (sql) =>
          sql.unsafe(`update ${schema}.members set has_left = true where member = $1::int`, [me]),
        );
        await context.ring(place, me, [], true).catch(() => {});
      } finally {
        await Promise.all([desk.close(), place.close()]);
        context.members.delete(me);
      }
    },
    abandon() {
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
      Math.min(limit, 2 ** 30),
      Math.floor(nowMs),
      stream ?? null,
      texts(stray),
    ],
    { prepare: true },
  );
  return rows.map((row) => claimedInfo(row, worker));
}

/** Streams that were sent letters by others of the group, and whether everyone should look. */
function strangers(appends: readonly Append[]): { streams: string[]; everyone: boolean } {
  const streams = new Set<string>();
  let everyone = false;
  for (const { stream, send, release } of appends) {
    if (release === true) everyone = true;
    for (const { to } of send ?? []) if (to !== stream) streams.add(to);
  }
  return { streams: [...streams], everyone };
}

interface Bell {
  /** Rings soon, not only at its time. */
  poke(): void;
  stop(): void;
}

/** The heartbeat: at its time, and soon again after a failure. Never two at once. */
function createBell(ring: () => Promise<void>, everyMs: number): Bell {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let ringing = false;

  function wait(ms: number): void {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => void go(), ms);
    timer.unref();
  }
  async function go(): Promise<void> {
    if (ringing) return;
    ringing = true;
    const failed = await ring().then(
      () => false,
      () => true,
    );
    ringing = false;
    wait(failed ? Math.min(everyMs, RETRY_MS) : everyMs);
  }
  wait(everyMs);
  return {
    poke: () => wait(0),
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

const RETRY_MS = 250;
