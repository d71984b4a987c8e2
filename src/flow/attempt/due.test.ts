/** A step's deadline ends its wait for a person. */
import { expect, test } from 'vitest';
import { Fault, faultToData } from '../../base/index.ts';
import { candidates, given, types } from '../../../test/workloads/given.ts';

const due = { in: 'timer', id: 'due|a|', letter: '' } as const;

test("a step that waits for a right or a gate, or for a person's word, ends with its deadline", () => {
  const gated = given();
  gated.ask('a', { spec: { skill: 's', right: 'pay', deadlineMs: 1_000 } });
  const opened = gated.take(candidates('x'));
  expect(types(opened)).toEqual(['candidates.found', 'gate.opened', 'timer.set']);
  // Early, by a clock that has gone back: it is set again.
  expect(types(gated.take(due, 10))).toEqual(['timer.fired', 'timer.set']);
  const end = gated.take(due, 1_000);
  expect(end.events.at(-1)).toMatchObject({ type: 'step.settled', out: 'failed', fault: { code: 'step.timeout' } });

  const beside = given();
  beside.ask('g', { kind: 'gate', spec: { right: 'pay' } });
  beside.ask('a', { spec: { skill: 's', gate: 'g', deadlineMs: 1_000 } });
  expect(types(beside.take(candidates('x')))).toEqual(['candidates.found', 'timer.set']);
  expect(beside.take(due, 1_000).events.at(-1)).toMatchObject({ step: 'a', fault: { code: 'step.timeout' } });
  expect(beside.state.steps.get('g')).toMatchObject({ settledSeq: 0 });

  const asked = given();
  asked.ask('a', { spec: { skill: 's', person: 'boss', deadlineMs: 1_000 } });
  asked.take(candidates('x'));
  const fault = faultToData(new Fault('agent.refused', 'no'));
  expect(types(asked.take({ in: 'answer', step: 'a', n: 1, fault }))).toContain('timer.set');
  expect(types(asked.take(due, 1_000))).toEqual(['timer.fired', 'fault.escalated', 'step.settled']);
});

test('who has answered in time is not disturbed, and the timer ends with the step', () => {
  const run = given();
  run.ask('a', { spec: { skill: 's', right: 'pay', deadlineMs: 1_000 } });
  run.take(candidates('x'));
  const by = { id: 'me', rights: ['*'] };
  run.take({ in: 'gate', step: 'a', id: 'g', choice: 'approve', by, letter: '' });
  const done = run.take({ in: 'answer', step: 'a', n: 1, data: 1 });
  expect(done.take).toContain('t:due|a|');
  expect(run.state.timers.size).toBe(0);
});

test("no deadline makes a failure of what is unknown; and the run's own needs no timer", () => {
  const run = given();
  run.ask('a', { kind: 'effect', spec: { skill: 's', right: 'pay', deadlineMs: 1_000 } });
  run.take(candidates({ agent: 'x', effect: 'irreversible' }));
  const by = { id: 'me', rights: ['*'] };
  run.take({ in: 'gate', step: 'a', id: 'g', choice: 'approve', by, letter: '' });
  run.take({ in: 'answer', step: 'a', n: 1, fault: faultToData(new Fault('agent.lost', 'no word')) });
  expect(types(run.take(due, 2_000))).toEqual(['timer.fired']);
  expect(run.state.steps.get('a')).toMatchObject({ at: 'person', settledSeq: 0 });
  const whole = given({ deadlineMs: 9_000 });
  whole.ask('a', { spec: { skill: 's', right: 'pay' } });
  expect(types(whole.take(candidates('x')))).toEqual(['candidates.found', 'gate.opened']);
});
