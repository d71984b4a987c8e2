/** Given a call that is slow, when its time comes, then a second agent is asked, and one answer counts. */
import { expect, test } from 'vitest';
import { candidates, given, types } from '../../../test/workloads/given.ts';
import { Fault, faultToData } from '../../base/index.ts';
import type { CandidatesInput, Input, StepSpec } from '../../model/index.ts';

const broken = faultToData(new Fault('agent.failed', 'broken'));
const due: Input = { in: 'timer', id: 'hedge|a|1', letter: 't:hedge|a|1' };

function asked(spec: Partial<StepSpec> = {}, facts: object = {}, admit = {}) {
  const run = given(admit);
  run.ask('a', { spec: { skill: 's', hedge: true, ...spec } });
  const agents = candidates({ agent: 'x', p95Ms: 80, ...facts }, { agent: 'y', ...facts }) as CandidatesInput;
  return { run, first: run.take(agents) };
}

test('a wake-up is set for when nineteen of twenty calls would be back', () => {
  const { run, first } = asked();
  expect(types(first)).toEqual(['candidates.found', 'attempt.begun', 'timer.set']);
  expect(first.events[2]).toMatchObject({ id: 'hedge|a|1', dueMs: run.state.at + 80 });
});

test('the second answers first: it is the output, the first is stopped, late and charged', () => {
  const { run } = asked({}, { price: { money: 2 } }, { budget: { money: 10 } });
  const second = run.take(due);
  expect(second.events[1]).toMatchObject({ type: 'attempt.begun', agent: 'y', why: 'hedge' });
  const end = run.take({ in: 'answer', step: 'a', n: 2, data: 'fast' });
  expect(end.commands).toContainEqual(expect.objectContaining({ do: 'stopAttempt', step: 'a', n: 1 }));
  expect(end.events.find((e) => e.type === 'attempt.ended' && e.n === 1)).toMatchObject({
    late: true,
    cost: { money: 2 },
  });
  expect(run.state.steps.get('a')).toMatchObject({ out: 'ok', output: 'fast' });
  expect(run.state.budget).toMatchObject({ spent: { money: 4 }, held: { money: 0 } });
});

test('the first answers in time: nobody else is asked, and the wake-up is taken back', () => {
  const { run } = asked();
  const end = run.take({ in: 'answer', step: 'a', n: 1, data: 1 });
  expect(end.take).toContain('t:hedge|a|1');
  expect(types(run.take(due))).toEqual([]);
});

test('one of two that fails is no failure: the other is waited for; when both do, the step heals as ever', () => {
  const { run } = asked();
  run.take(due);
  expect(types(run.take({ in: 'answer', step: 'a', n: 2, fault: broken }))).toEqual(['attempt.ended']);
  const end = run.take({ in: 'answer', step: 'a', n: 1, fault: broken });
  expect(types(end)).toContain('fault.escalated');
});

test('a call with an effect is never hedged; nor one that does not say so, nor where nothing is known', () => {
  expect(types(asked({ effect: 'idempotent' }).first)).not.toContain('timer.set');
  expect(types(asked({ hedge: false }).first)).not.toContain('timer.set');
  expect(types(asked({}, { p95Ms: undefined }).first)).not.toContain('timer.set');
});

test('a budget that cannot hold a second call is no reason to fail: there is none', () => {
  const { run } = asked({}, { price: { money: 2 } }, { budget: { money: 3 } });
  expect(types(run.take(due))).toEqual(['timer.fired']);
  run.take({ in: 'answer', step: 'a', n: 1, data: 1 });
  expect(run.state.steps.get('a')?.out).toBe('ok');
});
