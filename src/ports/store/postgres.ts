/**
 * A store in a schema of a PostgreSQL database, shared by workers on several machines.
 *
 * A worker has two connections: one for its commits and claims, in their order, and one for its
 * heartbeat and for notices; both hold its lock. The store has a few more for reading. Who owns what
 * is decided by the database's clock and locks, and every append is checked against the stream's
 * epoch, so a worker that is cut off, paused or wrong about time can do no harm.
 *
 * Locks of sessions and LISTEN need direct connections or session pooling, not transaction pooling.
 */
import { createHash } from 'node:crypto';
import { MAX_TIMER_MS } from '../../base/index.ts';
import { createBackup } from './postgres-backup.ts';
import { numbers, texts } from './postgres-commit.ts';
import { createLine, type Library, type Line, loadLibrary } from './postgres-line.ts';
import { joinPostgres, type PostgresMembership } from './postgres-membership.ts';
import { createReading } from './postgres-read.ts';
import { checkSchemaName, openSchema, quoted } from './postgres-schema.ts';
import { createUpkeep } from './postgres-upkeep.ts';
import type { Sent, Store } from './port.ts';

export interface PostgresStoreOptions {
  /** `postgres://user@host:port/database`; `?host=/directory` for a Unix socket. */
  url: string;
  /** Default `skein`. Made when it is not there. */
  schema?: string;
  /** A worker that is not heard of for so long, by the database's clock, may lose its streams. */
  leaseMs?: number;
  /** A commit, claim or heartbeat without an answer for so long is given up as unreachable. */
  commitTimeoutMs?: number;
  readTimeoutMs?: number;
  connectTimeoutMs?: number;
  /** Watchers are called at least so often, for notices that were lost and deaths nobody tells of. */
  pollMs?: number;
}

export const POSTGRES_DEFAULTS = {
  schema: 'skein',
  leaseMs: 15_000,
  commitTimeoutMs: 5_000,
  readTimeoutMs: 60_000,
  connectTimeoutMs: 5_000,
  pollMs: 500,
} as const;

/** What the parts of a store share. */
export interface PostgresStoreContext extends Required<PostgresStoreOptions> {
  library: Library;
  /** For reading and what belongs to no worker. */
  line: Line;
  channel: string;
  members: Map<number, PostgresMembership>;
  /** Tells the owners of these streams that there is something for them; '0' stands for nobody. */
  ring(line: Line, from: number, streams: readonly string[], everyone: boolean): Promise<void>;
}

export interface PostgresStore extends Store {
  /** Cuts a worker's connections as the death of its process would. For tests. */
  abandon(worker: string): void;
}

const READERS = 4;
/** A notice may have 8000 bytes. */
const MAX_NOTICE_CHARS = 7000;

export async function createPostgresStore(given: PostgresStoreOptions): Promise<PostgresStore> {
  const options = { ...POSTGRES_DEFAULTS, ...given };
  checkSchemaName(options.schema);
  const library = await loadLibrary();
  const schema = quoted(options.schema);
  const channel = `skein_${createHash('sha256').update(options.schema).digest('hex').slice(0, 16)}`;
  const { url, connectTimeoutMs } = options;

  const opening = createLine(library, { url, max: 1, connectTimeoutMs, limitMs: options.readTimeoutMs });
  try {
    await opening.use('open', (sql) => openSchema(sql, options.schema));
  } finally {
    await opening.close();
  }
  const line = createLine(library, { url, max: READERS, connectTimeoutMs, limitMs: options.readTimeoutMs });
  const members = new Map<number, PostgresMembership>();

  const context: PostgresStoreContext = {
    ...options,
    schema,
    library,
    line,
    channel,
    members,
    async ring(through, from, streams, everyone) {
      await through.use('notice', (sql) =>
        sql.unsafe(
          `select pg_notify($1, $2::text || '>' || case when length(w) > ${MAX_NOTICE_CHARS} then '*' else w end)
           from (select case when $3::boolean then '*' else string_agg(distinct coalesce(owner::text, '*'), ',') end as w
             from ${schema}.streams where stream = any ($4::text[]) and status = 'open' and owner is distinct from $2::int) x
           where w is not null`,
          [channel, from, everyone, texts(streams)],
          { prepare: true },
        ),
      );
    },
  };

  return {
    kind: 'postgres',
    ...createReading(line, schema),
    ...createUpkeep(line, schema),
    backup: createBackup(
      () =>
        createLine(library, {
          url,
          max: 1,
          connectTimeoutMs,
          limitMs: MAX_TIMER_MS,
          settings: { statement_timeout: 0 },
        }),
      options.schema,
    ),
    join: (worker) => joinPostgres(context, worker),
    async post(letters) {
      if (letters.length === 0) return;
      await line.use('post', (sql) => sql.unsafe(postText(schema), postValues(letters), { prepare: true }));
      void context.ring(line, 0, [...new Set(letters.map(({ to }) => to))], false).catch(() => {});
    },
    abandon(worker) {
      for (const member of members.values()) if (member.worker === worker) member.abandon();
    },
    async close() {
      await Promise.all([...members.values()].map((member) => member.abandon()));
      await line.close();
    },
  };
}

function postText(schema: string): string {
  return `insert into ${schema}.letters (stream, id, due_ms, body)
    select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) on conflict (stream, id) do nothing`;
}

function postValues(letters: readonly Sent[]): string[] {
  return [
    texts(letters.map((l) => l.to)),
    texts(letters.map((l) => l.id)),
    numbers(letters.map((l) => l.dueMs)),
    texts(letters.map((l) => l.body)),
  ];
}
