/** The other half of a thousand worlds. */
import { describe, expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';

const SEEDS = 100;
/** Ten times what they take where nothing else runs. */
const LIMIT_MS = 120_000;

describe('500 more worlds where everything goes wrong', () => {
  for (let from = 501; from <= 1_000; from += SEEDS) {
    test(
      `seeds ${from} to ${from + SEEDS - 1}`,
      async () => {
        const bad: string[] = [];
        const report = await runCampaign({
          from,
          seeds: SEEDS,
          onBad: ({ seed }, findings) => bad.push(`seed ${seed}: ${findings[0]!.check} ${findings[0]!.what}`),
        });
        expect(bad).toEqual([]);
        expect(report.seeds).toBe(SEEDS);
      },
      LIMIT_MS,
    );
  }
});
