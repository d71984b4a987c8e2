/**
 * The disk as a real SQLite file, in a folder of its own that lives in memory where the system has such a one.
 *
 * Q1  Everything that the store does here is done when the microtasks of the moment are: one connection, never
 *     busy. Its own timers (signs of life, looks for other processes) are set so far off that they never come.
 * Q2  A power cut leaves the file and the log as they were at the last barrier, and of the log beyond it a piece of
 *     any length: a torn frame, or commits that nobody had been promised.
 * Q3  The files are read through descriptors that stay open: closing one would drop every lock of this process.
 */
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, fstatSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SeededChance } from '../../base/index.ts';
import { createSqliteStore, type SqliteStore } from '../../ports/store/sqlite.ts';
import { markRestored } from '../../site/backup.ts';
import { createRegister, type Disk, type DiskStream, nobody } from './disk.ts';

const NEVER_MS = 1_000_000_000;
const SHARED_MEMORY = '/dev/shm';
/** Small, so that checkpoints come often. */
const CHECKPOINT_MB = 0.25;
const LIST = 500;

interface Files {
  main: Buffer;
  log: Buffer;
}

interface Opened {
  store: SqliteStore;
  /** Signs of life are taken away and given back through it. */
  hand: DatabaseSync;
  files: { main: number; log: number };
  close(): Promise<void>;
}

export async function createSqliteDisk(chance: SeededChance, nowMs: () => number): Promise<Disk> {
  const dir = mkdtempSync(join(existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir(), 'skein-sim-'));
  const path = join(dir, 'site.db');
  const { dead, lapsed, mayBeRobbed } = createRegister();
  let joined = new Set<string>();
  let at = await open();
  let safe: Files | undefined;
  let backup: Files | undefined;
  let keeping = false;
  let cuts = 0;
  const restoredAt: number[] = [];

  async function open(): Promise<Opened> {
    const plain = createSqliteStore({
      path,
      growLogMb: 0,
      checkpointMb: CHECKPOINT_MB,
      watchEveryMs: NEVER_MS,
      pausedAfterMs: NEVER_MS,
      nowMs,
    });
    await plain.workers();
    const join: SqliteStore['join'] = (worker) => {
      joined.add(worker);
      return plain.join(worker);
    };
    const store: SqliteStore = { ...plain, join };
    const hand = new DatabaseSync(path, { timeout: 0 });
    const files = { main: openSync(path, 'r'), log: openSync(`${path}-wal`, 'a+') };
    const close = async (): Promise<void> => {
      hand.close();
      await plain.close();
      for (const file of Object.values(files)) closeSync(file);
    };
    return { store, hand, files, close };
  }

  function beat(worker: string, value: number): void {
    at.hand.prepare('UPDATE workers SET beat = ? WHERE worker = ?').run(value, worker);
  }

  const filesNow = (): Files => ({ main: whole(at.files.main), log: whole(at.files.log) });

  /** Q2 */
  function tornAfter({ log }: Files): Buffer {
    const now = whole(at.files.log);
    // The log has begun anew since: nothing of it goes on from there.
    if (now.length <= log.length || !now.subarray(0, log.length).equals(log)) return log;
    return now.subarray(0, log.length + chance.int(now.length - log.length + 1));
  }

  async function replace(main: Buffer, log: Buffer): Promise<void> {
    cuts++;
    for (const worker of joined) dead.add(worker);
    joined = new Set();
    await at.close();
    for (const end of ['', '-wal', '-shm', '.workers']) rmSync(`${path}${end}`, { recursive: true, force: true });
    writeFileSync(path, main);
    writeFileSync(`${path}-wal`, log);
    at = await open();
    safe = keeping ? filesNow() : undefined;
  }

  async function look(): Promise<Map<string, DiskStream>> {
    const { store } = at;
    const all = new Map<string, DiskStream>();
    for (let after: string | undefined; ;) {
      const page = await store.list({ limit: LIST, after });
      for (const info of page) {
        const letters = (await store.letters(info.stream)).map(({ id, dueMs }) => [id, dueMs] as const);
        all.set(info.stream, {
          ...info,
          records: await store.read(info.stream),
          letters: new Map(letters),
          snapshot: await store.snapshot(info.stream),
        });
      }
      if (page.length < LIST) return all;
      after = page.at(-1)!.stream;
    }
  }

  const disk: Disk = {
    get store() {
      return at.store;
    },
    get cuts() {
      return cuts;
    },
    restoredAt,
    get hasBackup() {
      return backup !== undefined;
    },
    watcher: nobody,
    mayBeRobbed,
    kill(worker) {
      dead.add(worker);
      at.store.kill(worker);
    },
    expire(worker) {
      lapsed.add(worker);
      beat(worker, -2 * NEVER_MS);
    },
    acts(worker) {
      if (lapsed.delete(worker)) beat(worker, 0);
    },
    barrier() {
      if (keeping) safe = filesNow();
    },
    keepBarriers(keep) {
      keeping = keep;
      safe = keep ? filesNow() : undefined;
    },
    async cutPower() {
      if (safe === undefined) return;
      await replace(safe.main, tornAfter(safe));
      disk.watcher.rolledBack(false, await look());
    },
    backUp() {
      backup = filesNow();
      disk.watcher.backedUp();
    },
    async restore(atMs) {
      if (backup === undefined) return;
      restoredAt.push(atMs);
      await replace(backup.main, backup.log);
      await markRestored(at.store, atMs);
      if (keeping) safe = filesNow();
      disk.watcher.rolledBack(true, await look());
    },
    look,
    async nextDueMs() {
      const sql = `SELECT min(l.due) AS due FROM letters l JOIN heads h ON h.id = l.stream WHERE h.owner >= 0`;
      const { due } = at.hand.prepare(sql).get() as { due: number | null };
      return due ?? Infinity;
    },
    async close() {
      await at.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return disk;
}

/** Q3 */
function whole(file: number): Buffer {
  const bytes = Buffer.alloc(fstatSync(file).size);
  for (let got = 0; got < bytes.length;) got += readSync(file, bytes, got, bytes.length - got, got);
  return bytes;
}
