/**
 * Torn and flipped bytes at 1,000 places of a real log, and at 500 of a real file.
 *
 * What SQLite's log guarantees: each frame carries a running checksum, so a torn or changed frame and all
 * after it are cut off at the last commit before. An unacknowledged tail is rightly dropped; damage in the
 * middle drops acknowledged commits too, and the shorter journal is in itself whole: only the signed
 * head finds it. Pages of the main file carry no checksum: there the chain is what finds a change.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSeededChance, Fault } from '../../base/index.ts';
import type { EncodedRecord } from '../../model/index.ts';
import { createSiteKey, signHead, type SignedHead, verifyStream } from '../../site/audit/index.ts';
import { journal } from './contract/kit.ts';
import { type Bench, createBench } from './fixtures/kit.ts';
import type { SqliteStore } from './sqlite.ts';

const STREAMS = ['run-a', 'run-b', 'run-c'];
const { key } = createSiteKey();
let bench: Bench;
/** Heads of all streams after each acknowledged commit, oldest first. */
const states: string[] = [];
const heads = new Map<string, SignedHead>();
const whole = new Map<string, EncodedRecord[]>();
/** The files as a crash leaves them: `crash` with all commits in the log, `closed` with all in the file. */
let crash: { db: Buffer; wal: Buffer };
let closed: Buffer;

async function headsOf(store: SqliteStore): Promise<string> {
  return (await Promise.all(STREAMS.map(async (s) => (await store.info(s))?.head ?? 0))).join();
}

beforeAll(async () => {
  bench = createBench();
  const store = bench.open({ checkpointMb: 1000 });
  states.push(await headsOf(store));
  const member = await store.join('w');
  const runs = STREAMS.map((s) => journal(s));
  await member.commit(
    runs.map((r) => r.create()),
    true,
  );
  states.push(await headsOf(store));
  for (let i = 0; i < 40; i++) {
    await member.commit(
      runs.slice(i % 3).map((r) => r.next({ count: 1 + (i % 4) })),
      i % 2 === 0,
    );
    states.push(await headsOf(store));
  }
  for (const s of STREAMS) {
    heads.set(s, await signHead(store, s, key, 1));
    whole.set(s, await store.read(s));
  }
  // By another process: closing a descriptor of ours on an open store would drop its locks.
  mkdirSync(join(bench.dir, 'copy'));
  execFileSync('cp', [bench.path, `${bench.path}-wal`, join(bench.dir, 'copy')]);
  crash = {
    db: readFileSync(join(bench.dir, 'copy', 'site.db')),
    wal: readFileSync(join(bench.dir, 'copy', 'site.db-wal')),
  };
  await store.close();
  copyFileSync(bench.path, join(bench.dir, 'copy', 'closed.db'));
  closed = readFileSync(join(bench.dir, 'copy', 'closed.db'));
});
afterAll(() => bench.close());

interface Seen {
  fault?: string;
  heads?: string;
  /** Streams whose records are other than they were. */
  changed: string[];
  /** Streams with findings without a signed head, and with it. */
  found: string[];
  foundSigned: string[];
}

let copies = 0;
async function look(db: Buffer, wal: Buffer | null): Promise<Seen> {
  const dir = join(bench.dir, `d${copies++}`);
  mkdirSync(dir);
  const path = join(dir, 'site.db');
  writeFileSync(path, db);
  if (wal !== null) writeFileSync(`${path}-wal`, wal);
  const store = bench.open({ path });
  const seen: Seen = { changed: [], found: [], foundSigned: [] };
  try {
    seen.heads = await headsOf(store);
    for (const s of STREAMS) {
      if ((await verifyStream(store, s)).length > 0) seen.found.push(s);
      if ((await verifyStream(store, s, { signedHead: heads.get(s), publicKey: key.publicKey })).length > 0)
        seen.foundSigned.push(s);
      if (JSON.stringify(await store.read(s).catch(() => null)) !== JSON.stringify(whole.get(s))) seen.changed.push(s);
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    seen.fault = error.code;
  }
  await store.close();
  rmSync(dir, { recursive: true });
  return seen;
}

const CLEAR = ['store.corrupt', 'store.foreign', 'store.newer', 'store.io', 'journal.broken'];

test('the files of a crash open whole', async () => {
  expect(states.length).toBe(42);
  expect(await look(crash.db, crash.wal)).toEqual({ heads: states.at(-1), changed: [], found: [], foundSigned: [] });
  expect(await look(closed, null)).toEqual({ heads: states.at(-1), changed: [], found: [], foundSigned: [] });
});

test(
  '1,000 torn and flipped logs open as an acknowledged prefix, which the signed head tells from the whole',
  { timeout: 60_000 },
  async () => {
    const chance = createSeededChance('log damage');
    const kinds = { whole: 0, prefix: 0, fault: 0 };
    for (let i = 0; i < 1000; i++) {
      let wal = Buffer.from(crash.wal);
      // The first half spread evenly over the log, frame headers included; the second at random.
      const at = i < 500 ? Math.floor((i / 500) * wal.length) : chance.int(wal.length);
      if (i % 2 === 0) wal[at]! ^= 1 << chance.int(8);
      else if (i % 4 === 1) wal = wal.subarray(0, at);
      else wal.fill(chance.int(256), at, Math.min(wal.length, at + 1 + chance.int(5000)));
      const seen = await look(crash.db, wal);
      if (seen.fault !== undefined) {
        expect(CLEAR, `place ${at}`).toContain(seen.fault);
        kinds.fault++;
        continue;
      }
      expect(states, `place ${at}`).toContain(seen.heads);
      expect(seen.found, `place ${at}: the prefix is whole in itself`).toEqual([]);
      expect(seen.foundSigned, `place ${at}: the signed head finds every stream that is shorter`).toEqual(seen.changed);
      kinds[seen.heads === states.at(-1) ? 'whole' : 'prefix']++;
    }
    console.log(`torn and flipped logs: ${JSON.stringify(kinds)}`);
    expect(kinds.prefix).toBeGreaterThan(900);
  },
);

test(
  '500 flips in the main file: a fault, or a finding for every stream that reads differently',
  { timeout: 60_000 },
  async () => {
    const chance = createSeededChance('file damage');
    const kinds = { unseen: 0, found: 0, fault: 0 };
    for (let i = 0; i < 500; i++) {
      const db = Buffer.from(closed);
      const at = i < 50 ? i * 2 : chance.int(db.length);
      db[at]! ^= 1 << chance.int(8);
      const seen = await look(db, null);
      if (seen.fault !== undefined) {
        expect(CLEAR, `place ${at}`).toContain(seen.fault);
        kinds.fault++;
        continue;
      }
      for (const s of seen.changed) expect(seen.foundSigned, `place ${at}`).toContain(s);
      kinds[seen.foundSigned.length > 0 ? 'found' : 'unseen']++;
    }
    console.log(`flips in the file: ${JSON.stringify(kinds)}`);
  },
);
