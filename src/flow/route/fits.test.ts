import { expect, test } from 'vitest';
import { candidates, given } from '../../../test/workloads/given.ts';
import type { Decision, EventOf } from '../../model/index.ts';
import { eligible } from './index.ts';

function begun(decision: Decision): EventOf<'attempt.begun'> | undefined {
  return decision.events.find((event) => event.type === 'attempt.begun');
}

const big = { agent: 'big', price: { money: 3 }, quality: 0.95, p50Ms: 900 };
const small = { agent: 'small', price: { money: 1 }, quality: 0.5, p50Ms: 10 };
const choose = { choose: { by: 'thompson', explore: 0 }, step: 'a' };

test('who may cost more than is left is not asked while somebody costs less, however good', () => {
  const run = given({ budget: { money: 2 } });
  run.ask('a', { spec: { skill: 's', prefer: 'quality' } });
  const found = run.take({ ...candidates(big, small), ...choose } as never);
  expect(begun(found)).toMatchObject({ agent: 'small', chosen: { of: 1 } });
});

test('with two to choose from and a third too dear, the journal says so', () => {
  const run = given({ budget: { money: 2 } });
  run.ask('a', { spec: { skill: 's' } });
  const before = structuredClone(run.state);
  run.take({ ...candidates(big, small, { ...small, agent: 'other' }), ...choose } as never);
  // As `skein why` reads it: the facts as they were when the attempt began.
  before.steps.get('a')!.view = run.state.steps.get('a')!.view;
  const { routed, cut, refused } = eligible(before, before.steps.get('a')!, 1);
  expect(routed.map((one) => one.candidate.agent)).toEqual(['other', 'small']);
  expect(cut).toEqual([{ agent: 'big', why: 'over the budget' }]);
  expect(refused).toEqual({ 'over the budget': 1 });
});

test('with enough for both the better one is asked', () => {
  const run = given({ budget: { money: 3 } });
  run.ask('a', { spec: { skill: 's', prefer: 'quality' } });
  expect(begun(run.take({ ...candidates(big, small), ...choose } as never))?.agent).toBe('big');
});

test('where nobody costs little enough the step says what it lacks', () => {
  const run = given({ budget: { money: 0.5 } });
  run.ask('a', { spec: { skill: 's' } });
  const { events } = run.take({ ...candidates(big, small), ...choose } as never);
  expect(events.find((event) => event.type === 'step.settled')).toMatchObject({ fault: { code: 'budget.spent' } });
});

test('who takes longer than the deadline leaves is not asked while somebody is quicker', () => {
  const asked = (deadlineMs: number) => {
    const run = given();
    run.ask('a', { spec: { skill: 's', prefer: 'quality', deadlineMs } });
    return begun(run.take({ ...candidates(big, small), ...choose } as never))?.agent;
  };
  expect(asked(500)).toBe('small');
  expect(asked(5_000)).toBe('big');
});

test('a deadline that nobody can keep is no reason to ask nobody', () => {
  const run = given();
  run.ask('a', { spec: { skill: 's', prefer: 'quality', deadlineMs: 5 } });
  expect(begun(run.take({ ...candidates(big, small), ...choose } as never))?.agent).toBe('big');
});
