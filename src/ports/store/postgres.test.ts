/** The contract on a private PostgreSQL server. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../lab/servers/postgres.ts';
import { soon } from './contract/kit.ts';
import { missingFor, storeContract, type StoreLab } from './contract.ts';
import type { Store } from './port.ts';
import { createPostgresStore, type PostgresStore } from './postgres.ts';
import { runSql } from './postgres-testing.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server?.close());

let count = 0;
let schema = '';
const opened: Store[] = [];

async function open(name: string): Promise<PostgresStore> {
  const store = await createPostgresStore({ url: server.url, schema: name, leaseMs: 60_000, pollMs: 60_000 });
  opened.push(store);
  return store;
}

const lab: StoreLab = {
  open: () => open((schema = `contract_${count++}`)),
  again: () => open(schema),
  async kill(store, worker) {
    (store as PostgresStore).abandon(worker);
    const dead = await soon(async () => (await store.workers()).every((w) => w.worker !== worker || !w.alive));
    if (!dead) throw new Error(`the server does not see that ${worker} died`);
  },
  async expire(_store, worker) {
    await runSql(
      server.url,
      `update ${schema}.members set lease_until = '-infinity', lease_ms = 0 where worker = '${worker}'`,
    );
  },
  async restore(store) {
    await store.backup(`schema:${schema}_copy`);
    return open(`${schema}_copy`);
  },
  async close() {
    for (const store of opened.splice(0)) await store.close();
  },
};

describe('postgres store', () => {
  for (const row of storeContract) {
    test.skipIf(missingFor(row, lab).length > 0)(row.name, async () => {
      try {
        await row.run(lab);
      } finally {
        await lab.close();
      }
    });
  }
});
