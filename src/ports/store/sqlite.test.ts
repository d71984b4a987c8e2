import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test } from 'vitest';
import { begun, journal, won } from './contract/kit.ts';
import { missingFor, storeContract, type StoreLab } from './contract.ts';
import type { Store } from './port.ts';
import { createSqliteStore, type SqliteStore } from './sqlite.ts';

function createLab(): StoreLab & { path(): string; at(file: string): SqliteStore } {
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
    path: () => path,
    at,
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

  test('what is erased stands in no file any more', async () => {
    const store = await lab.open();
    const { member, run } = await begun(store);
    await won(member, run.next({ count: 40 }), run.next());
    const info = await store.info('run-1');
    expect(await store.erase('run-1', [3, 20])).toBe(2);
    // Read by another process: closing a descriptor of ours would drop the locks.
    const grep = (word: string): number =>
      Number(
        execFileSync('sh', ['-c', `cat ${lab.path()}* 2>/dev/null | grep -a -c "${word}" || true`], {
          encoding: 'utf8',
        }),
      );
    expect(grep('secret run-1 3[^0-9]')).toBe(0);
    expect(grep('secret run-1 20[^0-9]')).toBe(0);
    expect(grep('secret run-1 21[^0-9]')).toBe(1);
    expect(await store.info('run-1')).toEqual(info);
    await won(member, run.next());
  });

  test('a backup is taken while others write, and refuses to write over a file', async () => {
    const store = await lab.open();
    const member = await store.join('w1');
    const runs = Array.from({ length: 50 }, (_, i) => journal(`run-${i}`));
    await won(member, ...runs.map((r) => r.create()));
    const end = new AbortController();
    const writer = (async () => {
      while (!end.signal.aborted) {
        await won(member, ...runs.map((r) => r.next({ count: 3 })));
        await new Promise((go) => setImmediate(go));
      }
    })();
    const target = `${lab.path()}.backup`;
    await store.backup(target);
    end.abort();
    await writer;
    await expect(store.backup(target)).rejects.toMatchObject({ code: 'conflict' });
    const copy = lab.at(target);
    const heads = new Set<number>();
    for (const run of runs) {
      const info = (await copy.info(run.stream))!;
      heads.add(info.head);
      const records = await copy.read(run.stream);
      expect(records.at(-1)!.hash).toBe(info.hash);
    }
    expect(heads.size).toBe(1);
    expect((await copy.markRestored(1)).length).toBe(50);
  });
});
