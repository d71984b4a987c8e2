/** Worlds where the code of runs in flight is edited, with processes of both programs at once. */
import { expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';
import { runSeed } from './run-seed.ts';

const SEEDS = 60;
const EVERY = 20;

test.each([1, 1 + SEEDS])('edits in flight, from seed %i', { timeout: 120_000 }, async (from) => {
  const bad: string[] = [];
  const report = await runCampaign({
    from,
    seeds: SEEDS,
    flows: 'edits',
    twiceEvery: EVERY,
    onBad: ({ seed }, findings) => bad.push(`seed ${seed}: ${findings[0]!.check} ${findings[0]!.what}`),
  });
  expect(bad).toEqual([]);
  expect(report.seeds).toBe(SEEDS);
});

/** A replay of turns that were no news, the story of a failure whose step was renamed, a result from before a redo. */
test.each([700_020, 700_032, 700_093, 700_095, 704_551, 704_586])('seed %i, which found a bug', async (seed) => {
  expect((await runSeed(seed, { flows: 'edits' })).findings).toEqual([]);
});

test('the edit reaches runs in flight: some journals are of both programs', async () => {
  let both = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const { lines, jobs } = await runSeed(seed, { flows: 'edits', keepTrace: true });
    const second = new Set(lines.flatMap((line) => /boots (\S+) with program 2/.exec(line)?.[1] ?? []));
    for (const { run } of jobs) {
      const owners = lines.flatMap((line) => line.match(`   ${run} \\d+ run.claimed (\\S+)`)?.[1] ?? []);
      if (owners.some((one) => second.has(one)) && owners.some((one) => !second.has(one))) both++;
    }
  }
  expect(both).toBeGreaterThan(5);
});
