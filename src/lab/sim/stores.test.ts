/** The same worlds on a real SQLite file: what the site sees of it is what it sees of memory, event for event. */
import { expect, test } from 'vitest';
import type { FaultMix } from './faults.ts';
import { runSeed } from './run-seed.ts';

const SEEDS = 6;
const asDrawn = (mix: FaultMix): FaultMix => mix;

test.each([
  ['as drawn', 601, asDrawn],
  ['where the power is cut', 701, (mix: FaultMix) => ({ ...mix, power: 0.6, forMs: 1_500 })],
  ['where backups are restored', 801, (mix: FaultMix) => ({ ...mix, restore: 0.8, everyMs: 200, forMs: 1_500 })],
])('worlds %s', { timeout: 120_000 }, async (_, from, tune) => {
  let compared = 0;
  for (let seed = from; seed < from + SEEDS; seed++) {
    const onFile = await runSeed(seed, { tune, store: 'sqlite' });
    expect({ seed, findings: onFile.findings }).toEqual({ seed, findings: [] });
    // Of what nobody had been promised a cut leaves more or less.
    if (onFile.disk.cuts > onFile.disk.restores) continue;
    const inMemory = await runSeed(seed, { tune });
    expect({ seed, trace: onFile.traceHash }).toEqual({ seed, trace: inMemory.traceHash });
    compared++;
  }
  expect(compared).toBeGreaterThan(0);
});
