/** A budget that cannot hold one call: the rest of the ladder is still there. */
import { expect, test } from 'vitest';
import { Fault, type FaultOptions, faultToData } from '../../base/index.ts';
import type { Input, StepSpec } from '../../model/index.ts';
import { candidates, given, type Given, types } from '../../../test/workloads/given.ts';

const fails = (n: number, options: FaultOptions, money = 0): Input => ({
  in: 'answer',
  step: 'a',
  n,
  fault: faultToData(new Fault('agent.failed', `no ${n}`, options)),
  cost: { money },
});
const costs = (agent: string, money: number, facts = {}) => ({ agent, price: { money }, ...facts });
const less = (money: number): Input => ({ ...candidates(costs('c', money)), skill: 'less' }) as Input;

function asked(spec: Partial<StepSpec>, admit: Parameters<typeof given>[0]): Given {
  const run = given({ engine: 'skein/2', ...admit });
  run.ask('a', { spec: { skill: 's', ...spec } });
  return run;
}

test('a lesser goal that it can hold is tried, at once and after a failure', () => {
  const run = asked({ lesser: [{ skill: 'less' }] }, { budget: { money: 1.5 } });
  expect(types(run.take(candidates(costs('x', 2))))).toEqual(['candidates.found', 'step.demoted']);
  expect(run.take(less(0.1)).events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'c' });
  const later = asked({ lesser: [{ skill: 'less' }] }, { budget: { money: 1.5 } });
  later.take(candidates(costs('x', 1), costs('y', 1)));
  expect(types(later.take(fails(1, { retry: 'elsewhere' }, 1)))).toEqual(['attempt.ended', 'step.demoted']);
});

test('a cheaper agent is asked where the same again cannot be held', () => {
  const run = asked({}, { budget: { money: 1.5 } });
  run.take(candidates(costs('x', 1, { score: 1 }), costs('y', 0.4)));
  run.take(fails(1, { retry: 'same' }, 1));
  const due = run.take({ in: 'timer', id: 'retry|a|x', letter: '' });
  expect(due.events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'y', why: 'elsewhere' });
});

test('then a person, and the end says of whom the budget was short', () => {
  const run = asked({ person: 'boss' }, { budget: { money: 1.5 } });
  const cut = [{ agent: 'x', why: 'over the budget' }];
  const fault = { code: 'budget.spent', detail: { lacks: { money: 0.5 }, cut } };
  expect(run.take(candidates(costs('x', 2))).events.at(-1)).toMatchObject({ to: 'person', fault, cut });
  const by = { id: 'me', rights: ['*'] };
  const again = run.take({ in: 'gate', step: 'a', id: 'g', choice: 'approve', by, letter: '' });
  expect(again.events.slice(-2)).toMatchObject([
    { type: 'fault.escalated', to: 'run', cut },
    { type: 'step.settled', out: 'failed', fault },
  ]);
});

test('an effect that may have happened, and cannot be paid once more, is found out first', () => {
  const run = asked({ lesser: [{ skill: 'less' }] }, { budget: { money: 1.5 } });
  run.take(candidates(costs('x', 1, { effect: 'idempotent', keyed: true }), costs('y', 0.1)));
  if (run.state.steps.get('a')?.attempts?.[0]?.agent !== 'x') run.take(fails(1, { retry: 'elsewhere' }));
  const n = run.state.steps.get('a')!.attempts!.at(-1)!.n;
  run.take(fails(n, { retry: 'same' }, 1));
  const due = run.take({ in: 'timer', id: 'retry|a|x', letter: '' });
  expect(types(due)).toEqual(['timer.fired', 'effect.unknown', 'fault.escalated']);
});

test('of a parent less is wanted after each refusal, and never the same again', () => {
  const run = asked(
    { lesser: [{ skill: 'less' }] },
    { budget: { money: 0 }, parent: { run: 'p', step: 'q', draws: true } },
  );
  const refuse = () => {
    const [id] = run.state.budget.wants.keys();
    return run.take({ in: 'budget', say: 'heard', id: id!, letter: '' });
  };
  const wants = (of: { events: readonly object[] }) => of.events.at(-1);
  const first = run.take(candidates(costs('x', 3, { score: 2 }), costs('y', 1), costs('z', 5, { score: 1 })));
  expect(wants(first)).toMatchObject({ type: 'budget.wanted', agent: 'x', amounts: { money: 3 } });
  expect(wants(refuse())).toMatchObject({ type: 'budget.wanted', agent: 'y', amounts: { money: 1 } });
  expect(wants(refuse())).toMatchObject({ type: 'step.demoted' });
  expect(wants(run.take(less(0.5)))).toMatchObject({ type: 'budget.wanted', agent: 'c' });
  const [id] = run.state.budget.wants.keys();
  const heard = run.take({ in: 'budget', say: 'heard', id: id!, granted: { money: 0.5 }, letter: '' });
  expect(wants(heard)).toMatchObject({ type: 'attempt.begun', agent: 'c', held: { money: 0.5 } });
});
