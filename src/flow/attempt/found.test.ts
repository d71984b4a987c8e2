/** After a takeover the agents known count until those of now are found; open calls begin whatever they waited for. */
import { expect, test } from 'vitest';
import { Fault, faultToData } from '../../base/index.ts';
import type { Input } from '../../model/index.ts';
import { candidates, given, types } from '../../../test/workloads/given.ts';

const claim: Input = { in: 'claim', worker: 'w2', epoch: 2 };
const busy = faultToData(new Fault('agent.busy', 'not now'));
const broken = faultToData(new Fault('agent.failed', 'broken'));

test('a retry that falls due after a takeover is made at the same agent', () => {
  const run = given();
  run.ask('a', {});
  run.take(candidates('x', 'y'));
  run.take({ in: 'answer', step: 'a', n: 1, fault: busy });
  run.take(claim);
  run.ask('a', {});
  const due = run.take({ in: 'timer', id: 'retry|a|x', letter: 't:retry|a|x' });
  expect(due.events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'x', why: 'retry' });
});
test('candidates that come before the retry is due do not hasten it', () => {
  const run = given();
  run.ask('a', {});
  run.take(candidates('x'));
  run.take({ in: 'answer', step: 'a', n: 1, fault: busy });
  run.take(claim);
  expect(types(run.take(candidates('x', 'y')))).toEqual(['candidates.found']);
});

test('a call that did not happen is made again once the agents are known', () => {
  const run = given();
  run.ask('a', { kind: 'effect' });
  run.take(candidates({ agent: 'x', effect: 'reversible', reconciles: true }, 'y'));
  run.take(claim);
  run.ask('a', { kind: 'effect' });
  const again = run.take({ in: 'reconciled', step: 'a', n: 1, happened: false, by: 'x' });
  expect(again.events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'x', n: 2, why: 'again' });
});

test('a call asked again by the takeover that then fails goes elsewhere', () => {
  const run = given();
  run.ask('a', {});
  run.take(candidates('x', 'y'));
  run.take(claim);
  run.ask('a', {});
  const failed = run.take({ in: 'answer', step: 'a', n: 1, fault: broken });
  expect(failed.events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'y', why: 'elsewhere' });
});

test('and fails for good when nobody else is found', () => {
  const run = given();
  run.ask('a', {});
  run.take(candidates('x'));
  run.take(claim);
  run.ask('a', {});
  const failed = run.take({ in: 'answer', step: 'a', n: 1, fault: broken });
  expect(types(failed)).toEqual(['attempt.ended', 'fault.escalated', 'step.settled']);
});

test('a paid call that died with its worker is made at the same agent, even when its budget comes before the code asks', () => {
  const run = given({ budget: { money: 0 }, parent: { run: 'p', step: 's', draws: true } });
  const spec = { skill: 's', retry: { tries: 1 } };
  run.ask('a', { spec });
  run.take(candidates({ agent: 'x', price: { money: 1 } }));
  run.take({
    in: 'budget',
    say: 'heard',
    id: [...run.state.budget.wants.keys()][0]!,
    granted: { money: 1 },
    letter: '',
  });
  run.take(claim);
  run.ask('a', { spec });
  run.take({ ...claim, epoch: 3 });
  run.take({
    in: 'budget',
    say: 'heard',
    id: [...run.state.budget.wants.keys()][0]!,
    granted: { money: 1 },
    letter: '',
  });
  const again = run.ask('a', { spec });
  expect(again.events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'x', why: 'again' });
});
