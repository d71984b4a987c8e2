/** One long run, crashed at each of its appends, in every way a crash can fall. */
import { describe, expect, test } from 'vitest';
import { CRASHES, enumerate } from './enumerate.ts';
import { longPlanJob } from './long-jobs.ts';

/** Each test takes every fourth append. */
const SHARES = 4;

describe('a run of more than 200 steps, crashed at each append in turn', () => {
  for (const how of CRASHES) {
    for (let at = 0; at < SHARES; at++) {
      test(`${how}, ${at + 1} of ${SHARES}`, { timeout: 120_000 }, async () => {
        const { steps, appends, runs, bad, expected } = await enumerate({ hows: [how], share: { at, of: SHARES } });
        expect(steps).toBeGreaterThanOrEqual(200);
        expect(runs).toBe(Math.ceil((appends - at) / SHARES));
        expect(expected.get('r1')?.outcome).toBe('completed');
        expect(bad.map(({ place, result }) => ({ place, findings: result.findings }))).toEqual([]);
      });
    }
  }
});

describe('a run as data, of every kind of step, crashed at each append in turn', () => {
  test.each(CRASHES)('%s', { timeout: 120_000 }, async (how) => {
    const job = longPlanJob();
    const { steps, appends, runs, bad, expected } = await enumerate({ hows: [how], job });
    expect(steps).toBeGreaterThanOrEqual(60);
    expect(runs).toBe(appends);
    expect(expected.get('r1')?.outcome).toBe('completed');
    expect(bad.map(({ place, result }) => ({ place, findings: result.findings }))).toEqual([]);
  });
});
