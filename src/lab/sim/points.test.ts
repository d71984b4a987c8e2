/**
 * Two long runs, crashed at each of their appends: every append in one of the ways a crash can fall, its neighbours in the
 * others. All ways at every append take minutes: `npm run -s skein -- lab sim --points`.
 */
import { describe, expect, test } from 'vitest';
import { CRASHES, enumerate } from './enumerate.ts';
import { longJob, longPlanJob } from './long-jobs.ts';

const runs = [
  { as: 'code', job: longJob(), most: 200 },
  { as: 'data, of every kind of step', job: longPlanJob(), most: 60 },
];

describe.each(runs)('a run as $as, crashed at each append in turn', ({ job, most }) => {
  test.each(CRASHES.map((how, at) => ({ how, at })))('$how', { timeout: 240_000 }, async ({ how, at }) => {
    const of = CRASHES.length;
    const { steps, appends, runs, bad, expected } = await enumerate({ hows: [how], share: { at, of }, job });
    expect(steps).toBeGreaterThanOrEqual(most);
    expect(runs).toBe(Math.ceil((appends - at) / of));
    expect(expected.get('r1')?.outcome).toBe('completed');
    expect(bad.map(({ place, result }) => ({ place, findings: result.findings }))).toEqual([]);
  });
});
