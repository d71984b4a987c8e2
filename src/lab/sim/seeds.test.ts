/** A thousand worlds (half here, half in seeds-more), each seed as good as the one before. */
import { describe, expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';
import { runSeed } from './run-seed.ts';

const SEEDS = 100;
/** Ten times what they take where nothing else runs. */
const LIMIT_MS = 120_000;

describe('500 worlds where everything goes wrong', () => {
  for (let from = 1; from <= 500; from += SEEDS) {
    test(
      `seeds ${from} to ${from + SEEDS - 1}`,
      async () => {
        const bad: string[] = [];
        const report = await runCampaign({
          from,
          seeds: SEEDS,
          twiceEvery: 0,
          onBad: ({ seed }, findings) => bad.push(`seed ${seed}: ${findings[0]!.check} ${findings[0]!.what}`),
        });
        expect(bad).toEqual([]);
        expect(report.seeds).toBe(SEEDS);
      },
      LIMIT_MS,
    );
  }
});

/** Seeds beyond the first thousand that found a bug once, in the engine or in a check. */
test.each([7320, 17_953, 110_436, 110_860])('seed %i of worlds of code alone, which found a bug', async (seed) => {
  expect(
    (await runSeed(seed, { flows: 'code', tune: (mix) => ({ ...mix, restore: 0, rolling: false }) })).findings,
  ).toEqual([]);
});

/** Found before code was edited in any of them. */
test.each([301_513, 302_917, 304_741, 500_280, 510_330, 600_257, 611_117, 620_936, 631_454])(
  'seed %i, which found a bug',
  async (seed) => {
    expect((await runSeed(seed, { flows: 'both' })).findings).toEqual([]);
  },
);

/** Found where steps may be poison: an edit taken back did an effect again (the first); the others in a check. */
test.each([
  1_105_499, 1_105_518, 1_106_656, 2_000_957, 3_009_033, 3_015_073, 4_012_349, 5_000_414, 7_003_228, 8_102_225,
  8_104_831, 8_105_207, 10_100_388,
])('seed %i of worlds with poison, which found a bug', async (seed) => {
  expect((await runSeed(seed)).findings).toEqual([]);
});

test('the same seed gives the same trace, another seed another', async () => {
  const [first, again, other] = [await runSeed(7), await runSeed(7, { keepTrace: true }), await runSeed(8)];
  expect(again.traceHash).toBe(first.traceHash);
  expect(again.lines.length).toBeGreaterThan(50);
  expect(other.traceHash).not.toBe(first.traceHash);
});
