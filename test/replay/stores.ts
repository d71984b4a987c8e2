import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type PostgresServer, whyNoPostgres } from '../../src/lab/servers/postgres.ts';
import { openStore, type Store } from '../../src/ports/store/index.ts';
import { createMemoryStore } from '../../src/ports/store/memory.ts';
import { createPostgresStore } from '../../src/ports/store/postgres.ts';
import { markRestored, openRestored } from '../../src/site/backup.ts';

export interface TestStore {
  store: Store;
  /** Where `backup` puts a copy. */
  target: string;
  /** The copy, told that it was restored. */
  restore(): Promise<Store>;
}

const why = await whyNoPostgres();
if (why !== null) process.emitWarning(`not tested on PostgreSQL: ${why}`);

export type StoreKind = 'memory' | 'sqlite' | 'postgres';
export const STORE_KINDS: StoreKind[] = why === null ? ['memory', 'sqlite', 'postgres'] : ['memory', 'sqlite'];

export const RESTORED_MS = 1_900_000_000_000;
let server: Promise<PostgresServer> | undefined;
let count = 0;

/** Opens stores; `closeStores` closes what was opened, `closeServer` the server when all is over. */
export function createTestStores() {
  const ends: (() => unknown)[] = [];

  async function keep(opening: Promise<Store>): Promise<Store> {
    const store = await opening;
    ends.push(() => store.close());
    return store;
  }

  async function onPostgres(): Promise<TestStore> {
    const { url } = await (server ??= startPostgres());
    const schema = `replay_${count++}`;
    const copy = `${schema}_copy`;
    return {
      store: await keep(createPostgresStore({ url, schema })),
      target: `schema:${copy}`,
      async restore() {
        const store = await keep(createPostgresStore({ url, schema: copy }));
        await markRestored(store, RESTORED_MS);
        return store;
      },
    };
  }

  async function onSqlite(): Promise<TestStore> {
    const dir = mkdtempSync(join(tmpdir(), 'skein-replay-'));
    ends.unshift(() => rmSync(dir, { recursive: true, force: true }));
    const target = join(dir, 'copy.db');
    return {
      store: await keep(openStore(join(dir, 'site.db'))),
      target,
      restore: () => keep(openRestored(target).then(({ store }) => store)),
    };
  }

  function inMemory(): TestStore {
    const store = createMemoryStore();
    return {
      store,
      target: 'copy',
      async restore() {
        const copy = store.openBackup('copy');
        await markRestored(copy, RESTORED_MS);
        return copy;
      },
    };
  }

  return {
    open: async (kind: StoreKind) => (kind === 'memory' ? inMemory() : kind === 'sqlite' ? onSqlite() : onPostgres()),
    async close() {
      for (const end of ends.splice(0).reverse()) await end();
    },
  };
}

export async function closeServer(): Promise<void> {
  const open = server;
  server = undefined;
  await (await open)?.close();
}
