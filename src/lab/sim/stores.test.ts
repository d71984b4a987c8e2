/** The same worlds on a real SQLite file; what steady runs come to is held against a calm world in memory. */
import { expect, test } from 'vitest';
import type { FaultMix } from './faults.ts';
import { runSeed } from './run-seed.ts';

const SEEDS = 10;
const asDrawn = (mix: FaultMix): FaultMix => mix;

test.each([
  ['as drawn', 601, asDrawn],
  ['where the power is cut', 701, (mix: FaultMix) => ({ ...mix, power: 0.6, forMs: 1_500 })],
  ['where backups are restored', 801, (mix: FaultMix) => ({ ...mix, restore: 0.8, everyMs: 200, forMs: 1_500 })],
])('worlds %s', { timeout: 120_000 }, async (_, from, tune) => {
  let setBack = 0;
  for (let seed = from; seed < from + SEEDS; seed++) {
    const { findings, traceHash, disk } = await runSeed(seed, { tune, store: 'sqlite' });
    expect({ seed, kind: disk.store.kind, findings }).toEqual({ seed, kind: 'sqlite', findings: [] });
    setBack += disk.cuts;
    if (seed === from) expect((await runSeed(seed, { tune, store: 'sqlite' })).traceHash).toBe(traceHash);
  }
  if (tune !== asDrawn) expect(setBack).toBeGreaterThan(0);
});
