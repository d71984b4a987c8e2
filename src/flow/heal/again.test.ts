/** The same again: never after a deadline, and a long wait only when nobody else is free. */
import { expect, test } from 'vitest';
import { Fault, type FaultCode, type FaultOptions, faultToData } from '../../base/index.ts';
import type { Input, StepSpec } from '../../model/index.ts';
import { candidates, given, type Given, types } from '../../../test/workloads/given.ts';

const fails = (n: number, options: FaultOptions = {}, code: FaultCode = 'agent.busy'): Input => ({
  in: 'answer',
  step: 'a',
  n,
  fault: faultToData(new Fault(code, `no ${n}`, options)),
});
const MINUTE = { afterMs: 60_000 };
const HOUR = { afterMs: 3_600_000 };

function asked(spec: Partial<StepSpec>, agents = ['x', 'y'], admit = {}): Given {
  const run = given(admit);
  run.ask('a', { spec: { skill: 's', ...spec } });
  run.take(candidates(...agents.map((agent) => ({ agent }))));
  return run;
}

test('a wait that would end after the deadline, of the step or of the run, is not waited', () => {
  for (const run of [asked({ deadlineMs: 10_000 }), asked({}, ['x', 'y'], { deadlineMs: 11_000 })]) {
    const next = run.take(fails(1, MINUTE));
    expect(next.events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'y', why: 'elsewhere' });
  }
  const slow = asked({ deadlineMs: 3_000, retry: { firstMs: 20_000 } });
  expect(slow.take(fails(1)).events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'y' });
  const lesser = asked({ deadlineMs: 10_000, lesser: [{ skill: 'less' }] }, ['x']);
  expect(types(lesser.take(fails(1, MINUTE)))).toEqual(['attempt.ended', 'step.demoted']);
  const alone = asked({ deadlineMs: 10_000 }, ['x']);
  expect(alone.take(fails(1, MINUTE)).events.at(-1)).toMatchObject({ out: 'failed', fault: { code: 'agent.busy' } });
});

test('under a deadline the same again leaves the next agent its time', () => {
  const after = (deadlineMs: number) => {
    const run = given();
    run.ask('a', { spec: { skill: 's', deadlineMs } });
    run.take(candidates({ agent: 'x', p50Ms: 100, score: 1 }, { agent: 'y', p50Ms: 100 }));
    return run.take(fails(1, { afterMs: 500 }), 100).events.at(-1);
  };
  expect(after(700)).toMatchObject({ type: 'attempt.begun', agent: 'y' });
  expect(after(900)).toMatchObject({ type: 'timer.set', id: 'retry|a|x' });
});

test('a long wait comes after those who are free, and is waited for when nobody else is left', () => {
  const run = asked({});
  expect(run.take(fails(1, HOUR)).events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'y' });
  const back = run.take(fails(2, { retry: 'elsewhere' }));
  expect(back.events.at(-1)).toMatchObject({ type: 'timer.set', id: 'retry|a|x', dueMs: back.at + 3_600_000 });
  const again = run.take({ in: 'timer', id: 'retry|a|x', letter: '' }, 3_600_000);
  expect(again.events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'x', why: 'retry' });
  // Each of them busy: the one that is free first.
  const both = asked({});
  both.take(fails(1, HOUR));
  expect(both.take(fails(2, MINUTE)).events.at(-1)).toMatchObject({ type: 'timer.set', id: 'retry|a|y' });
  const alone = asked({ lesser: [{ skill: 'less' }] }, ['x']);
  expect(types(alone.take(fails(1, HOUR)))).toEqual(['attempt.ended', 'timer.set']);
  // A short one is cheaper than asking elsewhere.
  expect(
    asked({})
      .take(fails(1, { afterMs: 20_000 }))
      .events.at(-1),
  ).toMatchObject({ id: 'retry|a|x' });
});

test('an effect that may have happened waits at its agent, or is found out: it never moves', () => {
  const keyed = (spec: Partial<StepSpec>): Given => {
    const run = given();
    run.ask('a', { kind: 'effect', spec: { skill: 's', ...spec } });
    const facts = { effect: 'idempotent', keyed: true };
    run.take(candidates({ agent: 'x', ...facts }, { agent: 'y', ...facts }));
    return run;
  };
  const lost = { retry: 'same', ...HOUR } as const;
  expect(types(keyed({}).take(fails(1, lost, 'agent.failed')))).toEqual(['attempt.ended', 'timer.set']);
  const bound = keyed({ deadlineMs: 10_000, lesser: [{ skill: 'less' }] }).take(fails(1, lost, 'agent.failed'));
  expect(types(bound)).toEqual(['attempt.ended', 'effect.unknown', 'fault.escalated']);
  expect(bound.events.at(-1)).toMatchObject({ to: 'person', fault: { code: 'effect.unknown' } });
  // The worker was away when the retry was due, and comes back after the deadline.
  const late = keyed({ deadlineMs: 10_000 });
  late.take(fails(1, { retry: 'same' }, 'agent.failed'));
  const due = late.take({ in: 'timer', id: 'retry|a|x', letter: '' }, 20_000);
  expect(types(due)).toEqual(['timer.fired', 'effect.unknown', 'fault.escalated']);
});

test("no call begins after the step's deadline", () => {
  const run = asked({ deadlineMs: 10_000 });
  run.take(fails(1));
  const due = run.take({ in: 'timer', id: 'retry|a|x', letter: '' }, 20_000);
  expect(types(due)).toEqual(['timer.fired', 'fault.escalated', 'step.settled']);
  expect(due.events.at(-1)).toMatchObject({ fault: { code: 'deadline.passed' } });
});
