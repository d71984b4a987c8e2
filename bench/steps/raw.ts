/** What the disk and SQLite allow at most: appends without a run, a step or a promise. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { median } from './measure.ts';

export const EVENT_BYTES = 351;

/** Events a second: 351 bytes each, in groups of `group`, one commit a group, synchronous=FULL. */
export function rawAppend(dir: string, group: number, slotMs: number): number {
  const db = new DatabaseSync(join(dir, `raw-${group}.sqlite`));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec('CREATE TABLE events (run INTEGER, seq INTEGER, body TEXT)');
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?)');
  const [begin, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')];
  const body = 'x'.repeat(EVENT_BYTES);
  let events = 0;
  const from = performance.now();
  do {
    begin.run();
    for (let run = 0; run < group; run++) insert.run(run, (events += 1), body);
    commit.run();
  } while (performance.now() - from < slotMs);
  const perS = events / ((performance.now() - from) / 1_000);
  db.close();
  return perS;
}

/**
 * Median microseconds of one 4 KiB write and fdatasync in this folder. Under some 20 us nothing
 * reaches a disk (a memory file system, or a disk that lies), and "synced" means little.
 */
export function syncMicros(dir: string, times = 200): number {
  const file = openSync(join(dir, 'sync.probe'), 'w');
  const page = Buffer.alloc(4_096, 1);
  try {
    return median(
      Array.from({ length: times }, (_, index) => {
        const from = performance.now();
        writeSync(file, page, 0, page.length, index * page.length);
        fdatasyncSync(file);
        return (performance.now() - from) * 1_000;
      }),
    );
  } finally {
    closeSync(file);
  }
}
