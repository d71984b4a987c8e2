/**
 * Appends to the SQLite store: one record of about 350 bytes to each of 100 streams in one commit.
 * Measures the store alone (records are encoded before), with checkpoints inside the time; no driver,
 * no fold, one process unless said. Prints the floor (bare statements, same shape) beside it.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { chainStart } from '../../src/model/index.ts';
import type { Append } from '../../src/ports/store/index.ts';
import { createSqliteStore } from '../../src/ports/store/sqlite.ts';

const dir = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'skein-bench-'));
const HASH = chainStart('a stream');
const HEADER = JSON.stringify({
  seq: 1,
  epoch: 1,
  turns: [{ at: 1, in: 'answer', events: [{ type: 'step.settled', step: 'x'.repeat(180) }] }],
});

function makeAppend(stream: string, head: number, more: Partial<Append> = {}): Append {
  return {
    stream,
    epoch: 1,
    expectedHead: head,
    record: { seq: head, count: 1, epoch: 1, header: HEADER, payloads: '', hash: HASH },
    ...more,
  };
}

function report(name: string, count: number, times: number[], wholeMs: number): void {
  times.sort((a, b) => a - b);
  const at = (q: number) => times[Math.min(times.length - 1, Math.floor(times.length * q))]!.toFixed(3);
  console.log(
    `${name.padEnd(44)} ${String(Math.round((count / wholeMs) * 1000)).padStart(8)}/s   p50 ${at(0.5)} p99 ${at(0.99)} max ${at(1)} ms`,
  );
}

async function appends(name: string, streams: number, commits: number, barrier: boolean, gap: boolean): Promise<void> {
  const store = createSqliteStore({ path: join(dir, `${name.replace(/\W+/g, '-')}.db`) });
  const member = await store.join('bench');
  const ids = Array.from({ length: streams }, (_, i) => `run_${i}_abcdefghijklmnop`);
  await member.commit(
    ids.map((id) => makeAppend(id, 0, { create: { needs: '', format: 1, meta: '{}', createdMs: 1 } })),
    true,
  );
  const times: number[] = [];
  const began = performance.now();
  for (let c = 1; c <= commits; c++) {
    const group = ids.map((id) => makeAppend(id, c));
    const from = performance.now();
    const results = await member.commit(group, barrier);
    times.push(performance.now() - from);
    if (results.some((r) => !r.ok)) throw new Error('an append lost');
    if (gap) await new Promise((go) => setImmediate(go));
  }
  report(name, streams * commits, times, performance.now() - began);
  const from = performance.now();
  const read = (await store.read(ids[0]!)).length;
  console.log(
    `${'  reading one stream whole'.padEnd(44)} ${String(Math.round((read / (performance.now() - from)) * 1000)).padStart(8)}/s`,
  );
  await store.close();
}

/** The same rows with bare statements: a table, an index, nothing checked. */
function floor(name: string, streams: number, commits: number): void {
  const db = new DatabaseSync(join(dir, 'floor.db'));
  db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;
    CREATE TABLE e (run TEXT, seq INTEGER, body TEXT); CREATE INDEX e1 ON e (run, seq)`);
  const insert = db.prepare('INSERT INTO e VALUES (?, ?, ?)');
  const times: number[] = [];
  const began = performance.now();
  for (let c = 1; c <= commits; c++) {
    const from = performance.now();
    db.exec('BEGIN');
    for (let i = 0; i < streams; i++) insert.run(`run_${i}_abcdefghijklmnop`, c, HEADER);
    db.exec('COMMIT');
    times.push(performance.now() - from);
    if (c % 100 === 0) db.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }
  report(name, streams * commits, times, performance.now() - began);
  db.close();
}

/** Letters, claims and reads of many streams: what a takeover is made of. */
async function takeover(streams: number, records: number): Promise<void> {
  const store = createSqliteStore({ path: join(dir, 'takeover.db') });
  const member = await store.join('first');
  const ids = Array.from({ length: streams }, (_, i) => `run_${i}_abcdefghijklmnop`);
  const step = (name: string, count: number, from: number) =>
    report(name, count, [performance.now() - from], performance.now() - from);
  let from = performance.now();
  for (let i = 0; i < streams; i += 100) {
    await member.commit(
      ids
        .slice(i, i + 100)
        .map((id) => makeAppend(id, 0, { create: { needs: '', format: 1, meta: '{}', createdMs: i } })),
      true,
    );
  }
  step('creating streams, 100 a barrier', streams, from);
  for (let c = 1; c < records; c++)
    await member.commit(
      ids.map((id) => makeAppend(id, c)),
      false,
    );
  from = performance.now();
  for (let i = 0; i < streams; i += 100) {
    await member.commit(
      ids.slice(i, i + 100).map((id) => ({
        stream: id,
        epoch: 1,
        expectedHead: records,
        send: [{ to: id, id: 'timer', dueMs: 5, body: '{}' }],
      })),
      true,
    );
  }
  step('letters to oneself, 100 a barrier', streams, from);
  from = performance.now();
  const due = await member.due(9, streams);
  step('due letters read', due.length, from);
  from = performance.now();
  for (let i = 0; i < 1000; i++) await member.nextDueMs();
  step('nextDueMs', 1000, from);
  store.kill('first');
  const heir = await store.join('heir');
  from = performance.now();
  const infos = await heir.claim({ has: null, format: 1, limit: streams, nowMs: 9 });
  step('claiming all of a dead owner in one', infos.length, from);
  from = performance.now();
  for (const id of ids) await store.read(id);
  step(`records read, ${records} a stream`, streams * records, from);
  from = performance.now();
  for (let i = 0; i < streams; i += 100) {
    await heir.commit(
      ids.slice(i, i + 100).map((id) => ({ stream: id, epoch: 2, expectedHead: records, take: ['timer'] })),
      true,
    );
  }
  step('letters taken, 100 a barrier', streams, from);
  from = performance.now();
  for (let i = 0; i < 100; i++) await store.list({ limit: 50 });
  step('pages of 50 listed', 100, from);
  await store.close();
}

export const about = 'the SQLite store alone: appends, letters, claims, reads, beside bare statements';

export const usage = 'usage: npm run bench -- store (it takes no flags)';

export async function run(): Promise<number> {
  try {
    await all();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return 0;
}

async function all(): Promise<void> {
  await takeover(10_000, 10);
  for (let round = 0; round < 2; round++) {
    floor('floor: indexed rows, FULL', 100, 1000);
    await appends('100 streams a barrier', 100, 1500, true, true);
    await appends('100 streams a barrier, no pause', 100, 1500, true, false);
    await appends('100 streams, no barrier', 100, 1500, false, true);
    await appends('1000 streams a barrier', 1000, 150, true, true);
    await appends('1 stream a barrier', 1, 3000, true, true);
    await appends('1 stream, no barrier', 1, 10_000, false, true);
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir);
  }
}
