/** Snapshots: what is folded from one is what is folded from the start, and a long run resumes at once. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { canonicalJson } from '../../src/base/index.ts';
import { workflow } from '../../src/author/index.ts';
import { type RunState, stateToText } from '../../src/model/index.ts';
import { compactStream, createSiteKey } from '../../src/site/audit/index.ts';
import { loadRun } from '../../src/site/load.ts';
import { replay } from '../../src/site/replay.ts';
import { type Lab, openLab, sleep } from '../workloads/index.ts';
import { maths } from '../workloads/plain.ts';

let lab: Lab;
beforeEach(() => void (lab = openLab()));
afterEach(() => lab.close());

const plain = (state: RunState) => canonicalJson(JSON.parse(stateToText(state)));

async function same(run: string): Promise<number> {
  const short = await loadRun(lab.store, run);
  const whole = await loadRun(lab.store, run, { snapshot: false, until: short.state.head });
  expect(plain(short.state)).toBe(plain(whole.state));
  expect(short.hash).toBe(whole.hash);
  return short.snapshotAt;
}

const TURNS = 12_000;

const long = workflow('long', async (run) => {
  const first = await run.ask<{ text: string }>('big', 100);
  const [mapped] = await Promise.all([
    run.map('each', [1, 2, 3], { itemKey: (n) => n }, (n, inner) => inner.ask<number>('double', n)),
    run.signal('side'),
  ]);
  const count = await run.loop('turns', { from: 0, maxTurns: TURNS }, async (n, inner) => {
    await inner.code('tick', () => n);
    return n + 1;
  });
  return { length: first.text.length, mapped, count };
});

async function isBeyond(run: string, head: number): Promise<void> {
  for (;;) {
    const info = await lab.store.info(run);
    if (info === null || info.head > head || info.status === 'ended') return;
    await sleep(3);
  }
}

test('a long loop, killed again and again: each resume starts from a snapshot, equal to the whole', async () => {
  let site = await lab.open([long], [maths()], { snapshotEvents: 3_000 });
  const { run } = await site.start(long);
  await site.signal(run, 'side', 'said');
  let snapshots = 0;
  let reached = 0;
  for (let deaths = 0; deaths < 6; deaths++) {
    // Killed by what it has written, not by the clock: a slow machine gets as far as a fast one.
    await isBeyond(run, reached + 3_200);
    lab.kill(site);
    const before = await loadRun(lab.store, run, { snapshot: false });
    reached = before.state.head;
    if ((await same(run)) > 0) snapshots++;
    site = await lab.open([long], [maths()], { snapshotEvents: 3_000 });
    if (before.state.phase !== 'ended')
      await lab.until(run, 'the next event', (s) => s.phase === 'ended' || s.head > before.state.head + 1);
  }
  expect(await site.handle(run).output()).toEqual({ length: 100, mapped: [2, 4, 6], count: TURNS });
  expect(snapshots).toBeGreaterThan(0);
  expect(await same(run)).toBeGreaterThan(3_000);
  expect(await replay(lab.store, run)).toMatchObject({ equal: true, from: 0 });
}, 60_000);

test('a compacted run is loaded, replayed and forked from where it was cut', async () => {
  const site = await lab.open([long], [maths()], { snapshotEvents: 3_000 });
  const { run } = await site.start(long);
  await site.signal(run, 'side', 'said');
  const made = await site.handle(run).output();
  const whole = await loadRun(lab.store, run, { snapshot: false });
  const { seq } = await compactStream(lab.store, run, createSiteKey().key, Date.now());
  expect(seq).toBeGreaterThan(3_000);
  expect(plain((await loadRun(lab.store, run)).state)).toBe(plain(whole.state));
  expect(await replay(lab.store, run)).toMatchObject({ equal: true, from: seq, events: whole.state.head - seq });
  await expect(loadRun(lab.store, run, { until: seq - 1 })).rejects.toMatchObject({ code: 'journal.broken' });
  const fork = await site.fork(run);
  expect(await fork.output()).toEqual(made);
});
