/** Failure paths with real files: full, read-only, damaged, foreign, newer. */
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyStream } from '../../site/audit/index.ts';
import { journal, letter } from './contract/kit.ts';
import { type Bench, createBench, isRoot } from './fixtures/kit.ts';
import { openStore } from './index.ts';

const WON = { ok: true };

describe('sqlite store, when things break', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = createBench();
  });
  afterEach(() => bench.close());

  /** Commits until it fails; returns how many events were acknowledged and the fault's code. */
  async function fill(
    store: ReturnType<Bench['open']>,
  ): Promise<{ head: number; code: string; again: () => Promise<unknown> }> {
    const member = await store.join('w');
    const run = journal('run');
    expect(await member.commit([run.create()], true)).toEqual([WON]);
    for (;;) {
      const { head } = run;
      const append = run.next({ count: 400 });
      try {
        expect(await member.commit([append], true)).toEqual([WON]);
      } catch (error) {
        return { head, code: (error as { code: string }).code, again: () => member.commit([append], true) };
      }
    }
  }

  test.skipIf(!isRoot)(
    'a full disk is store.full; nothing is lost, reads go on, and so does work when there is room',
    { timeout: 20_000 },
    async () => {
      bench.mount(4);
      const ballast = join(bench.dir, 'ballast');
      writeFileSync(ballast, Buffer.alloc(1 << 20));
      const store = bench.open();
      const { head, code, again } = await fill(store);
      expect(code).toBe('store.full');
      await expect(again()).rejects.toMatchObject({ code: 'store.full', retry: 'same' });
      expect((await store.info('run'))!.head).toBe(head);
      expect(await verifyStream(store, 'run')).toEqual([]);
      rmSync(ballast);
      expect(await again()).toEqual([WON]);
      expect((await store.info('run'))!.head).toBe(head + 400);
      await store.close();
      const reopened = bench.open();
      expect((await reopened.info('run'))!.head).toBe(head + 400);
      expect(await verifyStream(reopened, 'run')).toEqual([]);
    },
  );

  test('a file at its greatest size is store.full', async () => {
    const store = bench.open({ maxMb: 2 });
    const { head, code, again } = await fill(store);
    expect(code).toBe('store.full');
    await expect(again()).rejects.toMatchObject({ code: 'store.full' });
    expect((await store.info('run'))!.head).toBe(head);
    await store.close();
    expect(await verifyStream(bench.open(), 'run')).toEqual([]);
  });

  test.skipIf(!isRoot)(
    'a read-only file system is store.read-only, until it is writable',
    { timeout: 20_000 },
    async () => {
      bench.mount(8);
      const first = bench.open();
      const { member: _, ...run } = { member: await first.join('w'), journal: journal('run') };
      await _.commit([run.journal.create()], true);
      await first.close();
      bench.shell('mount', '-o', 'remount,ro', bench.dir);
      const store = bench.open();
      await expect(store.post([letter('run', 'a')])).rejects.toMatchObject({ code: 'store.read-only', retry: 'same' });
      await expect(store.join('w')).rejects.toMatchObject({ code: 'store.read-only' });
      bench.shell('mount', '-o', 'remount,rw', bench.dir);
      await store.post([letter('run', 'a')]);
      expect((await store.letters('run')).length).toBe(1);
    },
  );

  test.skipIf(isRoot)('a file without the right to write is store.read-only', async () => {
    const first = bench.open();
    await first.post([letter('run', 'a')]);
    await first.close();
    bench.shell('chmod', '-R', 'a-w', bench.dir);
    await expect(bench.open().post([letter('run', 'b')])).rejects.toMatchObject({ code: 'store.read-only' });
    bench.shell('chmod', '-R', 'u+w', bench.dir);
  });

  test('a file of another kind is refused and left as it was', async () => {
    const other = join(bench.dir, 'other.db');
    const db = new DatabaseSync(other);
    db.exec('PRAGMA application_id = 77; CREATE TABLE t (a); INSERT INTO t VALUES (1)');
    db.close();
    const wal = join(bench.dir, 'wal.db');
    const walDb = new DatabaseSync(wal);
    walDb.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)');
    walDb.close();
    const text = join(bench.dir, 'notes.txt');
    writeFileSync(text, 'These are my notes, and no store.\n'.repeat(200));
    const short = join(bench.dir, 'short');
    writeFileSync(short, 'x');
    for (const path of [other, wal, text, short]) {
      const [bytes, time] = [readFileSync(path), statSync(path).mtimeMs];
      await expect(bench.open({ path }).info('run')).rejects.toMatchObject({ code: 'store.foreign', retry: 'never' });
      await expect(openStore(path)).rejects.toMatchObject({ code: 'store.foreign' });
      expect(readFileSync(path).equals(bytes)).toBe(true);
      expect(statSync(path).mtimeMs).toBe(time);
    }
    expect(readdirSync(bench.dir).sort()).toEqual(['notes.txt', 'other.db', 'short', 'wal.db']);
  });

  test('a newer store is refused and left as it was', async () => {
    const store = bench.open();
    await store.post([letter('run', 'a')]);
    await store.close();
    const db = new DatabaseSync(bench.path);
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(bench.open().info('run')).rejects.toMatchObject({ code: 'store.newer' });
  });

  async function written(): Promise<void> {
    const store = bench.open();
    const member = await store.join('w');
    const run = journal('run');
    await member.commit([run.create()], true);
    for (let i = 0; i < 200; i++) await member.commit([run.next({ count: 2 })], true);
    await store.close();
    expect(existsSync(`${bench.path}-wal`)).toBe(false);
  }

  function patch(at: number, bytes: Buffer): void {
    const fd = openSync(bench.path, 'r+');
    writeSync(fd, bytes, 0, bytes.length, at);
    closeSync(fd);
  }

  test('a damaged header is refused, not written over', async () => {
    await written();
    patch(0, Buffer.alloc(100, 7));
    const bytes = readFileSync(bench.path);
    await expect(bench.open().info('run')).rejects.toMatchObject({
      code: 'store.foreign',
      message: /header is damaged/,
    });
    expect(readFileSync(bench.path).equals(bytes)).toBe(true);
  });

  test('damaged pages are store.corrupt', async () => {
    await written();
    for (let page = 2; page < 30; page++) patch(page * 4096, Buffer.alloc(64, 0xee));
    await expect(bench.open().read('run')).rejects.toMatchObject({ code: 'store.corrupt', retry: 'never' });
    const store = bench.open();
    expect(
      (await verifyStream(store, 'run').catch((e: { code: string }) => [{ kind: e.code }])).length,
    ).toBeGreaterThan(0);
  });

  test('a file cut short is store.corrupt', async () => {
    await written();
    truncateSync(bench.path, 4096 * 9);
    await expect(bench.open().read('run')).rejects.toMatchObject({ code: 'store.corrupt' });
  });

  test('an address without a store behind it says so', async () => {
    await expect(openStore('redis://x')).rejects.toMatchObject({ code: 'input.invalid' });
    await expect(openStore('sqlite:')).rejects.toMatchObject({ code: 'input.invalid' });
    const store = await openStore(`sqlite:${bench.path}`);
    expect(store.kind).toBe('sqlite');
    await store.close();
    expect((await openStore('memory:')).kind).toBe('memory');
    await expect(openStore(join(bench.dir, 'site.db', 'below'))).rejects.toMatchObject({ code: 'store.io' });
  });

  test('a closed store says so', async () => {
    const store = bench.open();
    const member = await store.join('w');
    await store.close();
    await expect(store.info('run')).rejects.toMatchObject({ code: 'site.stopped' });
    await expect(member.commit([], true)).rejects.toMatchObject({ code: 'site.stopped' });
  });
});
