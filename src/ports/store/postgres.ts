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
import { createLine, createLines, type Library, type Line, loadLibrary } from './postgres-line.ts';
import { joinPostgres, type PostgresMembership } from './postgres-membership.ts';
import { createLog } from './postgres-log.ts';
import { createNotices } from './postgres-notices.ts';
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
  channel: string;
  members: Map<number, PostgresMembership>;
}

export interface PostgresStore extends Store {
  /** Ends a worker of this store as kill -9 would: nothing is given up, its connections are cut. For tests. */
  kill(worker: string): void;
}

const READERS = 4;

export async function createPostgresStore(given: PostgresStoreOptions): Promise<PostgresStore> {
  const { url: bare, schema: named } = splitSchema(given.url);
  const options = { ...POSTGRES_DEFAULTS, ...(named === null ? {} : { schema: named }), ...given, url: bare };
  checkSchemaName(options.schema);
  const library = await loadLibrary();
  const schema = quoted(options.schema);
  const channel = `skein_${createHash('sha256').update(options.schema).digest('hex').slice(0, 16)}`;
  const { url, connectTimeoutMs } = options;

  const openLine = (limitMs = options.readTimeoutMs): Line => createLine(library, { url, connectTimeoutMs, limitMs });
  const opening = openLine();
  try {
    await opening.run('open', (sql) => openSchema(sql, options.schema));
  } finally {
    await opening.close();
  }
  const line = createLines(READERS, openLine);
  const members = new Map<number, PostgresMembership>();

  const context: PostgresStoreContext = { ...options, schema, library, channel, members };
  const notices = createNotices(line, schema, channel, 0);

  return {
    kind: 'postgres',
    ...createReading(line, schema),
    log: createLog(line, schema),
    ...createUpkeep(line, openLine, schema),
    backup: createBackup(() => openLine(MAX_TIMER_MS), options.schema),
    join: (worker) => joinPostgres(context, worker),
    async post(letters) {
      if (letters.length === 0) return;
      await line.run('post', (sql) => sql.unsafe(postText(schema), postValues(letters), { prepare: true }));
      notices.ring(letters.map(({ to }) => to));
    },
    kill(worker) {
      for (const member of members.values()) if (member.worker === worker) member.kill();
    },
    async close() {
      for (const member of members.values()) member.kill();
      await line.close();
    },
  };
}

/** `?schema=name` in a URL is ours; the rest is the server's. */
function splitSchema(url: string): { url: string; schema: string | null } {
  const cut = url.indexOf('?');
  if (cut < 0) return { url, schema: null };
  const query = new URLSearchParams(url.slice(cut + 1));
  const schema = query.get('schema');
  query.delete('schema');
  return { url: query.size === 0 ? url.slice(0, cut) : `${url.slice(0, cut)}?${query}`, schema };
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
