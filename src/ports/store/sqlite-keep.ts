/** What keeps a store small and whole: erase, compact, backup, restore. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { Fault } from '../../base/index.ts';
import { withoutPayloads } from './erase.ts';
import type { Checkpoint } from './port.ts';
import type { Work } from './sqlite-connection.ts';
import { type InfoRow, readRows } from './sqlite-read.ts';

function known({ sql }: Work, stream: string): InfoRow {
  const row = sql.info.get(stream) as InfoRow | undefined;
  if (row === undefined) throw new Fault('not-found', `there is no stream ${stream}`);
  return row;
}

/** What is freed is overwritten while this works, so that nothing erased stays in the file. */
export function eraseRows(at: Work, stream: string, seqs: readonly number[]): number {
  at.db.exec('PRAGMA secure_delete = ON');
  try {
    return eraseIn(at, stream, seqs);
  } finally {
    at.db.exec('PRAGMA secure_delete = OFF');
  }
}

function eraseIn(at: Work, stream: string, seqs: readonly number[]): number {
  known(at, stream);
  const { db } = at;
  const update = db.prepare('UPDATE records SET payloads = ? WHERE id = ?');
  const wanted = new Set(seqs);
  let erased = 0;
  for (const seq of [...wanted].sort((a, b) => a - b)) {
    const [record] = readRows(at, stream, seq, 1);
    if (record === undefined) continue;
    const less = withoutPayloads(record, wanted);
    if (less === null) continue;
    update.run(less.payloads, record.row);
    erased += less.erased;
  }
  return erased;
}

export function compactRows(at: Work, stream: string, { seq, hash, text }: Checkpoint): void {
  const { db, sql } = at;
  const { id, head } = known(at, stream);
  const base = (sql.base.get(id) as { seq: number } | undefined)?.seq ?? 0;
  if (seq <= base) throw new Fault('conflict', `${stream} is compacted up to event ${base} already`);
  const [last] = seq > head ? [] : readRows(at, stream, seq - 1, 1);
  if (last === undefined || last.seq + last.count !== seq || last.hash !== hash) {
    throw new Fault('conflict', `no record of ${stream} ends before event ${seq} with the hash of the checkpoint`);
  }
  const { id: newest } = sql.lastRecord.get() as { id: number };
  const gone = db.prepare('DELETE FROM records WHERE id = ? RETURNING prev');
  // The newest row of all leaves an empty one behind: its id, the place in the log, is not given out again (S8).
  const emptied = db.prepare(`INSERT INTO records (id, stream, prev, n, seq, count, epoch, header, payloads, hash)
    VALUES (?, 0, 0, 0, 0, 0, 0, '', '', '')`);
  // Nothing may name a row that is gone: its id may be given out again.
  if (seq === head) db.prepare('UPDATE heads SET last = 0 WHERE id = ?').run(id);
  else db.prepare('UPDATE records SET prev = 0 WHERE id = ?').run(readRows(at, stream, seq, 1)[0]!.row);
  for (let row = last.row; row !== 0;) row = (gone.get(row) as { prev: number } | undefined)?.prev ?? 0;
  if (last.row === newest) emptied.run(newest);
  db.prepare('DELETE FROM marks WHERE stream = ? AND seq < ?').run(id, seq);
  db.prepare('INSERT OR REPLACE INTO checkpoints (stream, seq, hash, text) VALUES (?, ?, ?, ?)').run(
    id,
    seq,
    hash,
    text,
  );
}

export function markRestoredRows({ db }: Work, nowMs: number): string[] {
  const rows = db
    .prepare('SELECT s.stream FROM heads h JOIN streams s ON s.id = h.id WHERE h.owner >= 0 ORDER BY h.id')
    .all() as { stream: string }[];
  db.exec(
    'UPDATE letters SET owner = 0 WHERE owner > 0; UPDATE heads SET epoch = epoch + 1, owner = 0 WHERE owner >= 0',
  );
  db.prepare(`INSERT OR REPLACE INTO site (name, value) VALUES ('restored', ?)`).run(nowMs);
  return rows.map((row) => row.stream);
}

/**
 * Copies page by page from one snapshot that a connection of its own holds, so writers neither wait
 * for it nor make it begin again. The copy has its name only when it is whole and on the disk.
 */
export async function backupTo(path: string, target: string): Promise<void> {
  if (existsSync(target) && statSync(target).size > 0)
    throw new Fault('conflict', `${target} is there already; a backup goes to a new file`, {
      detail: { next: 'Name another file, or move that one away.' },
    });
  const part = `${target}.part`;
  rmSync(part, { force: true });
  const source = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
  try {
    source.exec('BEGIN; SELECT count(*) FROM site');
    await backup(source, part, { rate: 512 });
  } finally {
    source.close();
  }
  syncPath(part);
  renameSync(part, target);
  syncPath(dirname(target));
}

function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } catch {
    // Some systems sync no directories.
  } finally {
    closeSync(fd);
  }
}
