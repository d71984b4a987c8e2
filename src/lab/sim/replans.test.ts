/** Worlds where runs as data get another plan while they run. */
import { expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';
import { changes } from './flows/index.ts';
import { runSeed } from './run-seed.ts';

const SEEDS = 60;

test('plans that are changed in flight', { timeout: 120_000 }, async () => {
  const bad: string[] = [];
  const report = await runCampaign({
    from: 1,
    seeds: SEEDS,
    flows: 'replans',
    twiceEvery: 20,
    onBad: ({ seed }, findings) => bad.push(`seed ${seed}: ${findings[0]!.check} ${findings[0]!.what}`),
  });
  expect(bad).toEqual([]);
  expect(report.seeds).toBe(SEEDS);
});

/** A way that began before what it contradicts was undone; a retry that nobody waited for under its step's new name. */
test.each([253, 325, 564])('seed %i, which found a bug', async (seed) => {
  expect((await runSeed(seed, { flows: 'replans' })).findings).toEqual([]);
});

test('each kind of change reaches runs that have begun', { timeout: 60_000 }, async () => {
  const reached = new Set<string>();
  for (let seed = 1; seed <= 60 && reached.size < changes.length; seed++) {
    const { lines, jobs } = await runSeed(seed, { flows: 'replans', keepTrace: true });
    for (const { run, replan } of jobs) {
      const of = lines.filter((line) => line.includes(`   ${run} `));
      // The first is the plan it began with.
      const [, planned] = of.flatMap((line, i) => (line.includes('run.planned') ? [i] : []));
      if (replan === undefined || planned === undefined) continue;
      if (of.slice(0, planned).some((line) => line.includes('step.settled'))) reached.add(replan.change);
    }
  }
  expect([...reached].toSorted()).toEqual(changes.toSorted());
});
