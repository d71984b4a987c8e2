/** 10,000 random tampers of a real SQLite file: every one is found; the untampered file is clean. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalJson, createSeededChance, type SeededChance } from '../../base/index.ts';
import { chainNext, chainStart, type EncodedRecord, encodeRecord, type Event } from '../../model/index.ts';
import { createSqliteStore, type SqliteStore } from '../../ports/store/sqlite.ts';
import {
  compactStream,
  createSiteKey,
  type SignedCheckpoint,
  type SignedHead,
  signHead,
  type SiteKey,
  verifyStream,
} from './index.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-tamper-'));
const path = join(dir, 'site.db');
const { key } = createSiteKey();
const STREAMS = ['plain', 'erased', 'compacted'];
const heads = new Map<string, SignedHead>();
let store: SqliteStore;
let raw: DatabaseSync;

interface Row extends EncodedRecord {
  id: number;
  stream: number;
  prev: number;
}

async function write(stream: string, chance: SeededChance): Promise<void> {
  const member = await store.join(`writer of ${stream}`);
  let [head, hash] = [0, chainStart(stream)];
  for (let r = 0; r < 12; r++) {
    const events: Event[] = [];
    for (let i = 0; i < 1 + (r % 3); i++) {
      const by = { id: 'me', rights: [] };
      if (stream === 'erased' && r === 9 && i === 0)
        events.push({ type: 'payload.erased', seqs: [1, 3], by, reason: 'asked' });
      else
        events.push({
          type: 'signal.received',
          signal: `s${i}`,
          id: `${r}`,
          by,
          ...(r % 4 === 0 ? {} : { data: { note: `word ${chance.hex(4)}`, n: r * 100 + i } }),
        });
    }
    const record = encodeRecord([{ at: 1000 + r, in: 'signal', events }], head, 1 + Math.floor(r / 5), hash, chance);
    const create = r === 0 ? { needs: '', format: 1, meta: '{}', createdMs: 1 } : undefined;
    await member.commit(
      [
        {
          stream,
          epoch: 1,
          expectedHead: head,
          record,
          create,
          snapshot: r === 4 ? { seq: head + events.length, state: '{"so":"far"}' } : undefined,
        },
      ],
      false,
    );
    head += events.length;
    hash = record.hash;
  }
  await member.leave();
}

beforeAll(async () => {
  store = createSqliteStore({ path, growLogMb: 0 });
  const chance = createSeededChance('tamper');
  for (const stream of STREAMS) await write(stream, chance);
  raw = new DatabaseSync(path, { timeout: 2000 });
  raw.exec('PRAGMA synchronous = OFF; UPDATE heads SET epoch = 3');
  await store.erase('erased', [1, 3]);
  await compactStream(store, 'compacted', key, 2000);
  for (const stream of STREAMS) heads.set(stream, await signHead(store, stream, key, 3000));
  raw.exec(
    'CREATE TEMP TABLE r0 AS SELECT * FROM records; CREATE TEMP TABLE h0 AS SELECT * FROM heads; CREATE TEMP TABLE c0 AS SELECT * FROM checkpoints; CREATE TEMP TABLE s0 AS SELECT * FROM snapshots',
  );
});
afterAll(async () => {
  raw.close();
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

function putBack(): void {
  raw.exec(`BEGIN; DELETE FROM records; INSERT INTO records SELECT * FROM r0; DELETE FROM heads; INSERT INTO heads SELECT * FROM h0;
    DELETE FROM checkpoints; INSERT INTO checkpoints SELECT * FROM c0; DELETE FROM snapshots; INSERT INTO snapshots SELECT * FROM s0; COMMIT`);
}

const rowsOf = (id: number): Row[] =>
  raw.prepare('SELECT * FROM records WHERE stream = ? ORDER BY seq').all(id) as unknown as Row[];
const set = (column: string, id: number, value: string | number): void =>
  void raw.prepare(`UPDATE records SET ${column} = ? WHERE id = ?`).run(value, id);

/** One character replaced, left out or put in. */
function edited(text: string, chance: SeededChance): string {
  for (;;) {
    const at = chance.int(text.length);
    const c = chance.pick(['0', '7', 'x', 'Q', ' ', '"', '}', '\u00e9', '']);
    const out = text.slice(0, at) + c + text.slice(at + chance.int(2));
    if (out !== text) return out;
  }
}

/** What an attacker without the key can do about an edit: write the chain anew from there on. */
function fixUp(id: number, stream: string): void {
  const base = raw.prepare('SELECT hash FROM checkpoints WHERE stream = ?').get(id) as { hash: string } | undefined;
  let hash = base?.hash ?? chainStart(stream);
  for (const row of rowsOf(id)) {
    hash = chainNext(hash, row.header);
    set('hash', row.id, hash);
  }
}

/** Takes rows out and ties the rest together, as one who knows the layout would. */
function relink(id: number): void {
  let prev = 0;
  let head =
    (raw.prepare('SELECT seq FROM checkpoints WHERE stream = ?').get(id) as { seq: number } | undefined)?.seq ?? 0;
  for (const row of rowsOf(id)) {
    set('prev', row.id, prev);
    prev = row.id;
    head = row.seq + row.count;
  }
  raw.prepare('UPDATE heads SET last = ?, head = ? WHERE id = ?').run(prev, head, id);
}

type Tamper = (id: number, stream: string, rows: Row[], chance: SeededChance) => void;

const TAMPERS: Record<string, Tamper> = {
  'edit a header': (_id, _s, rows, chance) => {
    const row = chance.pick(rows);
    set('header', row.id, edited(row.header, chance));
  },
  'edit a header and its hash': (id, _s, rows, chance) => {
    const at = chance.int(rows.length);
    const row = rows[at]!;
    const header = edited(row.header, chance);
    const before =
      rows[at - 1]?.hash ??
      (raw.prepare('SELECT hash FROM checkpoints WHERE stream = ?').get(id) as { hash: string } | undefined)?.hash ??
      chainStart(_s);
    set('header', row.id, header);
    set('hash', row.id, chainNext(before, header));
  },
  'edit a header and all hashes after it': (id, stream, rows, chance) => {
    const row = chance.pick(rows);
    set('header', row.id, edited(row.header, chance));
    fixUp(id, stream);
  },
  'edit a hash': (_id, _s, rows, chance) => {
    const row = chance.pick(rows);
    set('hash', row.id, edited(row.hash, chance));
  },
  'edit a column': (_id, _s, rows, chance) => {
    const row = chance.pick(rows);
    const column = chance.pick(['seq', 'count', 'epoch'] as const);
    set(column, row.id, row[column] + chance.pick([-1, 1, 2, 1000]));
  },
  'edit a payload': (_id, _s, rows, chance) => {
    const row = chance.pick(rows.filter((r) => r.payloads !== ''));
    set('payloads', row.id, edited(row.payloads, chance));
  },
  'shift a payload into its salt': (_id, _s, rows, chance) => {
    const row = chance.pick(rows.filter((r) => r.payloads.includes('"note')));
    const payloads = JSON.parse(row.payloads) as ([string, string] | null)[];
    for (const p of payloads) if (p !== null) p.splice(0, 2, p[0] + p[1].slice(0, 3), p[1].slice(3));
    set('payloads', row.id, JSON.stringify(payloads));
  },
  'take a payload away': (_id, _s, rows, chance) => {
    const row = chance.pick(rows.filter((r) => r.payloads.includes('"note') || r.payloads.includes('note')));
    const payloads = JSON.parse(row.payloads) as unknown[];
    const there = payloads.flatMap((p, i) => (p === null ? [] : [i]));
    if (chance.yes(0.5)) payloads[chance.pick(there)] = null;
    else payloads.splice(chance.int(payloads.length), 1);
    set('payloads', row.id, payloads.length === 0 ? '' : JSON.stringify(payloads));
  },
  'swap two payloads': (_id, _s, rows, chance) => {
    const some = rows.filter((r) => r.payloads !== '');
    const [a, b] = [chance.pick(some), chance.pick(some)];
    if (a.payloads === b.payloads) return TAMPERS['edit a payload']!(_id, _s, rows, chance);
    set('payloads', a.id, b.payloads);
    set('payloads', b.id, a.payloads);
  },
  'delete a record': (_id, _s, rows, chance) => {
    raw.prepare('DELETE FROM records WHERE id = ?').run(chance.pick(rows).id);
  },
  'delete a record and tie the rest together': (id, _s, rows, chance) => {
    raw.prepare('DELETE FROM records WHERE id = ?').run(chance.pick(rows).id);
    relink(id);
  },
  'delete a record, renumber, write the chain anew': (id, stream, rows, chance) => {
    const at = chance.int(rows.length);
    raw.prepare('DELETE FROM records WHERE id = ?').run(rows[at]!.id);
    for (const row of rows.slice(at + 1)) {
      const seq = row.seq - rows[at]!.count;
      set('seq', row.id, seq);
      set('header', row.id, row.header.replace(/^\{"seq":\d+/, `{"seq":${seq}`));
    }
    relink(id);
    fixUp(id, stream);
  },
  'swap two records': (_id, _s, rows, chance) => {
    const a = chance.pick(rows);
    const b = chance.pick(rows.filter((r) => r !== a));
    for (const column of [
      'header',
      'payloads',
      'hash',
      ...(chance.yes(0.5) ? (['seq', 'count', 'epoch'] as const) : []),
    ] as const) {
      set(column, a.id, b[column]);
      set(column, b.id, a[column]);
    }
  },
  "put another stream's record in": (id, _s, all, chance) => {
    // Without payloads, headers of two streams may well be the same text: then nothing would change.
    const row = chance.pick(all.filter((r) => r.payloads !== ''));
    const other = raw
      .prepare('SELECT * FROM records WHERE stream <> ? ORDER BY random() LIMIT 1')
      .get(id) as unknown as Row;
    set('header', row.id, other.header);
    set('payloads', row.id, other.payloads);
    if (chance.yes(0.5)) set('hash', row.id, other.hash);
  },
  'cut the end off': (id, _s, rows, chance) => {
    const keep = chance.int(rows.length);
    for (const row of rows.slice(keep)) raw.prepare('DELETE FROM records WHERE id = ?').run(row.id);
    if (chance.yes(0.7)) relink(id);
  },
  'turn the head back': (id, _s, rows, chance) => {
    const row = chance.pick(rows.slice(0, -1));
    raw.prepare('UPDATE heads SET head = ?, last = ? WHERE id = ?').run(row.seq + row.count, row.id, id);
  },
  'lower the epoch': (id) => void raw.prepare('UPDATE heads SET epoch = 1 WHERE id = ?').run(id),
  'edit the head': (id, _s, _rows, chance) =>
    void raw.prepare('UPDATE heads SET head = head + ? WHERE id = ?').run(chance.pick([-2, -1, 1, 5]), id),
  'drop the stream': (id) => void raw.prepare('DELETE FROM heads WHERE id = ?').run(id),
};

/** Only where there is a checkpoint. */
const CHECKPOINT_TAMPERS: Record<string, Tamper> = {
  'edit the checkpoint': (id, _s, _rows, chance) => {
    const { text } = raw.prepare('SELECT text FROM checkpoints WHERE stream = ?').get(id) as { text: string };
    raw.prepare('UPDATE checkpoints SET text = ? WHERE stream = ?').run(edited(text, chance), id);
  },
  'move the checkpoint': (id, _s, _rows, chance) => {
    if (chance.yes(0.5))
      raw.prepare('UPDATE checkpoints SET seq = seq + ? WHERE stream = ?').run(chance.pick([-1, 1, 3]), id);
    else raw.prepare('UPDATE checkpoints SET hash = ? WHERE stream = ?').run(chance.hex(20), id);
  },
  'drop the checkpoint': (id) => void raw.prepare('DELETE FROM checkpoints WHERE stream = ?').run(id),
  'edit the snapshot': (id, _s, _rows, chance) =>
    void raw.prepare('UPDATE snapshots SET state = ? WHERE stream = ?').run(edited('{"so":"far"}', chance), id),
  'sign with another key': (id) => {
    const { text } = raw.prepare('SELECT text FROM checkpoints WHERE stream = ?').get(id) as { text: string };
    const own: SiteKey = createSiteKey().key;
    const { sig: _, ...body } = { ...(JSON.parse(text) as SignedCheckpoint), key: own.publicKey };
    raw
      .prepare('UPDATE checkpoints SET text = ? WHERE stream = ?')
      .run(JSON.stringify({ ...body, sig: own.sign(canonicalJson(body)) }), id);
  },
};

test('the untampered store is clean, with and without the key', async () => {
  for (const stream of STREAMS) {
    expect(await verifyStream(store, stream)).toEqual([]);
    expect(await verifyStream(store, stream, { signedHead: heads.get(stream), publicKey: key.publicKey })).toEqual([]);
  }
});

test('10,000 random tampers are all found', { timeout: 300_000 }, async () => {
  const chance = createSeededChance(process.env.TAMPER_SEED ?? 'tampers');
  const ids = new Map(
    STREAMS.map((s) => [s, (raw.prepare('SELECT id FROM streams WHERE stream = ?').get(s) as { id: number }).id]),
  );
  const missed: string[] = [];
  const found = new Map<string, number>();
  for (let i = 0; i < 10_000; i++) {
    const stream = chance.pick(STREAMS);
    const all = stream === 'compacted' && chance.yes(0.3) ? CHECKPOINT_TAMPERS : TAMPERS;
    const name = chance.pick(Object.keys(all));
    const id = ids.get(stream)!;
    raw.exec('BEGIN');
    all[name]!(id, stream, rowsOf(id), chance);
    raw.exec('COMMIT');
    const findings = await verifyStream(store, stream, { signedHead: heads.get(stream), publicKey: key.publicKey });
    if (findings.length === 0) missed.push(`${i}: ${name} in ${stream}`);
    else found.set(name, (found.get(name) ?? 0) + 1);
    putBack();
  }
  expect(missed).toEqual([]);
  expect(found.size).toBe(Object.keys(TAMPERS).length + Object.keys(CHECKPOINT_TAMPERS).length);
  for (const stream of STREAMS) expect(await verifyStream(store, stream)).toEqual([]);
});
