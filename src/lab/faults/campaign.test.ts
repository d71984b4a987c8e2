/** A campaign finds nothing silent; and it can tell when something is. */
import { expect, test } from 'vitest';
import type { Event } from '../../model/index.ts';
import { storyOf } from '../../site/faults/index.ts';
import { AGENT_TROUBLES } from '../../ports/agent/index.ts';
import { reportOf, runFaultCampaign } from './campaign.ts';
import { runDoorCampaign } from './doors.ts';

test('every kind at once: nothing is silent, nothing is done twice, everything ends', async () => {
  const report = await runFaultCampaign({ runs: 60, seed: '7', rate: 0.3 });
  expect(report).toMatchObject({ unfinished: 0, duplicated: 0, wrongOutputs: 0, silent: 0 });
  const kinds = Object.values(report.kinds);
  expect(kinds.reduce((sum, row) => sum + row.injected, 0)).toBeGreaterThan(60);
  expect(kinds.reduce((sum, row) => sum + row.healed, 0)).toBeGreaterThan(20);
  for (const row of kinds) expect(row.healed + row.escalated + row.harmless + row.silent).toBe(row.injected);
});

test('every kind at every place where it means something', async () => {
  const report = await runFaultCampaign({ runs: 60, seed: '2', rate: 0.6 });
  expect(report).toMatchObject({ unfinished: 0, duplicated: 0, wrongOutputs: 0, silent: 0 });
  const kinds = Object.keys(report.kinds);
  for (const kind of AGENT_TROUBLES) {
    expect(kinds).toContain(`agent ${kind}`);
    if (kind !== 'reorder') expect(kinds).toContain(`store ${kind}`);
  }
});

test('at a door, over real connections: whoever asked has it in the end, and once', { timeout: 60_000 }, async () => {
  const { kinds, ...report } = await runDoorCampaign({ runs: 20, seed: '1', rate: 0.3 });
  expect(report).toEqual({ served: 20, refused: 0, duplicated: 0, wrong: 0 });
  expect(Object.values(kinds).reduce((sum, row) => sum + row.injected, 0)).toBeGreaterThan(10);
  for (const row of Object.values(kinds)) expect(row.healed + row.harmless).toBe(row.injected);
});

test('the same seed, the same faults', async () => {
  const once = () => runFaultCampaign({ runs: 10, seed: '3', rate: 0.3 });
  expect(await once()).toEqual(await once());
});

test('a failure of which the journal says nothing is silent, and so is a wrong result', () => {
  const failed: Event[] = [
    { type: 'attempt.begun', step: 'look', n: 1, agent: 'look-1', effect: 'pure' },
    { type: 'attempt.ended', step: 'look', n: 1, fault: { code: 'agent.failed', retry: 'elsewhere', message: '' } },
    { type: 'run.ended', outcome: 'completed', data: { judged: 1, paid: 0, told: 0 } },
  ];
  expect(storyOf(failed)).toMatchObject([{ step: 'look', end: 'silent', tries: [{ agent: 'look-1' }] }]);
  const injected = [{ at: 'agents', kind: 'flap', run: 'r0', step: 'look', n: 1 }] as const;
  const looked = { seed: '', ids: ['r0'], worked: new Map(), injected };
  expect(reportOf({ ...looked, journals: new Map([['r0', failed]]) }).silent).toBe(1);
  const wrong = failed.filter((e) => e.type !== 'attempt.ended');
  const spoilt = [wrong[0]!, { ...wrong[1]!, data: { judged: 7 } } as Event];
  const lied = [{ at: 'agents', kind: 'wrong', run: 'r0', step: 'look', n: 1 }] as const;
  const report = reportOf({ ...looked, injected: lied, journals: new Map([['r0', spoilt]]) });
  expect(report).toMatchObject({ silent: 1, wrongOutputs: 1 });
});
