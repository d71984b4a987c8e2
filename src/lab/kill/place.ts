/** Where a campaign keeps its runs: said to every worker in one line of JSON. */
import { createPostgresStore } from '../../ports/store/postgres.ts';
import { createSqliteStore } from '../../ports/store/sqlite.ts';
import type { Store } from '../../ports/store/index.ts';

export interface Place {
  kind: 'sqlite' | 'postgres';
  /** A file, or the address of a server. */
  at: string;
  /** A worker that is not heard of for so long may lose its runs. */
  leaseMs: number;
}

export async function openPlace({ kind, at, leaseMs }: Place): Promise<Store> {
  if (kind === 'sqlite') return createSqliteStore({ path: at, pausedAfterMs: leaseMs });
  return createPostgresStore({ url: at, schema: 'kill', leaseMs, commitTimeoutMs: 4000 });
}
