/**
 * A site on damaged files: its process was killed with -9, then the log (or, folded into it, the file)
 * is torn, flipped or overwritten. Each case is opened as a site that works: it says clearly what is
 * wrong, or carries on, and what it finishes is right. The store alone is tried at 1,000 places in
 * src/ports/store/sqlite-damage.test.ts; here are fewer, with all that a site does on top.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalJson, createSeededChance, Fault, type SeededChance } from '../../src/base/index.ts';
import { expectedOutput, workflows } from '../../src/lab/kill/flows.ts';
import { createSqliteStore } from '../../src/ports/store/sqlite.ts';
import { type SignedHead, verifyStream } from '../../src/site/audit/index.ts';
import { openSite } from '../../src/site/site.ts';
import { localAgents } from './local.ts';

const AT_ONCE = 8;
/** Signed so long before the kill that the log goes on after it. */
const KEPT_BEFORE = 5;
const CLEAR = ['store.corrupt', 'store.foreign', 'store.newer', 'store.io', 'journal.broken'];

const dir = mkdtempSync(join(tmpdir(), 'skein-damage-'));
const heads = new Map<string, SignedHead>();
let publicKey = '';
let killed: { db: Buffer; wal: Buffer };
let folded: Buffer;

beforeAll(async () => {
  const path = join(dir, 'site.db');
  const victim = spawn(process.execPath, [join(import.meta.dirname, 'victim.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  for await (const line of createInterface({ input: victim.stdout })) {
    said.push(line);
    if (said.length === 20) victim.kill('SIGKILL');
  }
  const kept = JSON.parse(said.at(-KEPT_BEFORE)!) as { publicKey: string; heads: SignedHead[] };
  ({ publicKey } = kept);
  for (const head of kept.heads) heads.set(head.stream, head);
  killed = { db: readFileSync(path), wal: readFileSync(`${path}-wal`) };
  const copy = join(dir, 'folded.db');
  copyFileSync(path, copy);
  copyFileSync(`${path}-wal`, `${copy}-wal`);
  const store = createSqliteStore({ path: copy, growLogMb: 0 });
  await store.list({ limit: 1 });
  await store.close();
  folded = readFileSync(copy);
}, 30_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Seen {
  /** The fault with which it cannot be opened, or worked with at all. */
  fault?: string;
  /** Runs that were finished. */
  finished: number;
  /** Runs that neither finished nor are spoken of by a fault or a finding. */
  silent: string[];
  /** What must never be: a wrong output, one thing done under two keys. */
  wrong: string[];
  /** Runs of which the signed head says that they were longer. */
  shorter: number;
}

/** A run of which nothing is lost finishes in a tenth of a second, and on a busy machine in this. */
const WAIT_MS = 60_000;
/** A run whose loss was told may wait for ever; it may also find its way. */
const TOLD_MS = 10_000;

let copies = 0;

async function carryOn(db: Buffer, wal: Buffer | null, waitMs: number): Promise<Seen> {
  const place = join(dir, `case-${copies++}`);
  mkdirSync(place);
  const path = join(place, 'site.db');
  writeFileSync(path, db);
  if (wal !== null) writeFileSync(`${path}-wal`, wal);
  const store = createSqliteStore({ path, growLogMb: 0 });
  const seen: Seen = { finished: 0, silent: [], wrong: [], shorter: 0 };
  const troubled = new Set<string | undefined>();
  const waiting = new Map<string, AbortController>();
  const { agents, done } = localAgents();
  try {
    const spoken = new Set<string>();
    const runs = (await store.list({ limit: 100 })).map((info) => info.stream);
    // Before anybody works on: what was there when the heads were signed is there, or its loss is found.
    for (const [stream, signedHead] of heads) {
      const findings = await verifyStream(store, stream, { signedHead, publicKey });
      if (findings.length > 0) spoken.add(stream);
      if (findings.some(({ kind }) => kind === 'truncated' || kind === 'missing')) seen.shorter++;
      const info = await store.info(stream);
      if ((info?.head ?? 0) < signedHead.seq && findings.length === 0) seen.wrong.push(`${stream} is shorter, unseen`);
    }
    const site = await openSite({
      store,
      workflows,
      agents,
      evictAfterMs: 50,
      onTrouble: (trouble, fault) => {
        if (fault === undefined) return;
        troubled.add(trouble);
        for (const [run, wait] of waiting)
          if (trouble === undefined || trouble === run || trouble.startsWith(`${run}.`))
            setTimeout(() => wait.abort(), TOLD_MS).unref();
      },
    });
    const tops = runs.filter((run) => /^errand-\d+$/.test(run));
    await Promise.all(
      tops.map(async (run) => {
        const n = Number(run.slice('errand-'.length));
        try {
          await site.signal(run, 'word', `word ${n}`, { id: `word-${n}` });
          const wait = new AbortController();
          waiting.set(run, wait);
          const signal = AbortSignal.any([wait.signal, AbortSignal.timeout(spoken.has(run) ? TOLD_MS : waitMs)]);
          const result = await site.handle(run).result({ signal });
          seen.finished++;
          const right = result.outcome === 'completed' && same(result.output, expectedOutput({ n }));
          if (!right) seen.wrong.push(`${run} ${result.outcome} with ${JSON.stringify(result.output ?? result.fault)}`);
        } catch (thrown) {
          const clear = thrown instanceof Fault && CLEAR.includes(thrown.code);
          const told = troubled.has(run) || troubled.has(undefined) || spoken.has(run);
          if (!clear && !told && ![...troubled].some((one) => one?.startsWith(`${run}.`)))
            seen.silent.push(`${run}: ${String(thrown)}`);
        }
      }),
    );
    for (const [what, keys] of done) if (keys.size > 1) seen.wrong.push(`'${what}' under ${keys.size} keys`);
    await site.stop({ graceMs: 100 });
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    seen.fault = thrown.code;
  }
  await store.close();
  rmSync(place, { recursive: true, force: true });
  return seen;
}

const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

async function cases(count: number, one: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < count) await one(next++);
    }),
  );
}

function damage(bytes: Buffer, i: number, count: number, chance: SeededChance): { at: number; bytes: Buffer } {
  const copy = Buffer.from(bytes);
  const at = i % 2 === 0 ? Math.floor((i / count) * copy.length) : chance.int(copy.length);
  if (i % 3 === 0) return { at, bytes: copy.subarray(0, at) };
  if (i % 3 === 1) copy[at]! ^= 1 << chance.int(8);
  else copy.fill(chance.int(256), at, Math.min(copy.length, at + 1 + chance.int(5000)));
  return { at, bytes: copy };
}

test('the files as the kill left them: every run finishes', async () => {
  const seen = await carryOn(killed.db, killed.wal, WAIT_MS);
  expect(seen).toEqual({ finished: 12, silent: [], wrong: [], shorter: 0 });
  expect(heads.size).toBeGreaterThanOrEqual(12);
});

test('logs torn, flipped, overwritten: a site carries on from what is left, and the signed heads tell', async () => {
  const count = 160;
  const chance = createSeededChance('site log');
  const sum = { finished: 0, faults: 0, shorter: 0 };
  await cases(count, async (i) => {
    const { at, bytes } = damage(killed.wal, i, count, chance);
    const seen = await carryOn(killed.db, bytes, WAIT_MS);
    expect(seen.wrong, `case ${i}, place ${at}`).toEqual([]);
    expect(seen.silent, `case ${i}, place ${at}`).toEqual([]);
    if (seen.fault !== undefined) expect(CLEAR, `case ${i}, place ${at}`).toContain(seen.fault);
    sum.finished += seen.finished;
    sum.faults += seen.fault === undefined ? 0 : 1;
    sum.shorter += seen.shorter;
  });
  console.log(`${count} damaged logs (${killed.wal.length} bytes): ${JSON.stringify(sum)}`);
  expect(sum.finished).toBeGreaterThan(count);
  expect(sum.shorter).toBeGreaterThan(count);
}, 400_000);

test('files flipped and overwritten: nothing wrong is finished', async () => {
  const count = 80;
  const chance = createSeededChance('site file');
  const sum = { finished: 0, faults: 0, silent: 0 };
  await cases(count, async (i) => {
    const { at, bytes } = damage(folded, i, count, chance);
    const seen = await carryOn(bytes, null, 4_000);
    expect(seen.wrong, `case ${i}, place ${at}`).toEqual([]);
    if (seen.fault !== undefined) expect(CLEAR, `case ${i}, place ${at}`).toContain(seen.fault);
    sum.finished += seen.finished;
    sum.faults += seen.fault === undefined ? 0 : 1;
    sum.silent += seen.silent.length;
    if (seen.silent.length > 0) console.log(`case ${i}, place ${at}: ${seen.silent[0]}`);
  });
  console.log(`${count} damaged files: ${JSON.stringify(sum)}`);
}, 400_000);
