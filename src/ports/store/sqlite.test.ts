import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, test } from 'vitest';
import { missingFor, storeContract, type StoreLab } from './contract.ts';
import type { Store } from './port.ts';
import { createSqliteStore, type SqliteStore } from './sqlite.ts';

function createLab(): StoreLab {
  const dirs: string[] = [];
  const opened: Store[] = [];
  let path = '';
  let copies = 0;
  const at = (file: string): SqliteStore => {
    const store = createSqliteStore({ path: file, growLogMb: 1 });
    opened.push(store);
    return store;
  };
  return {
    async open() {
      dirs.push(mkdtempSync(join(tmpdir(), 'skein-sqlite-')));
      return at((path = join(dirs.at(-1)!, 'site.db')));
    },
    again: async () => at(path),
    kill: async (store, worker) => (store as SqliteStore).kill(worker),
    async expire(_store, worker) {
      const db = new DatabaseSync(path, { timeout: 1000 });
      db.prepare('UPDATE workers SET beat = -1e9 WHERE worker = ?').run(worker);
      db.close();
    },
    async restore(store) {
      const copy = `${path}.copy${copies++}`;
      await store.backup(copy);
      return at(copy);
    },
    async close() {
      for (const store of opened.splice(0)) await store.close();
      for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
    },
  };
}

describe('sqlite store', () => {
  const lab = createLab();
  afterEach(() => lab.close());
  test.for(storeContract)('$name', { timeout: 20_000 }, async (row, { skip }) => {
    skip(missingFor(row, lab).length > 0, `needs ${missingFor(row, lab).join()}`);
    await row.run(lab);
  });
});
