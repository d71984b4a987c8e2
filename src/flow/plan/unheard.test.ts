/** Given a question of an agent's, when nobody will answer it any more, then the agent is told, once it is on disk. */
import { expect, test } from 'vitest';
import { candidates, given } from '../../../test/workloads/given.ts';
import { Fault, faultToData } from '../../base/index.ts';
import type { Decision, Input, StepSpec } from '../../model/index.ts';

const by = { id: 'ann', rights: ['*'] };
const asks = (key: string) =>
  faultToData(new Fault('input.required', 'which seat?', { detail: { question: { key, message: 'which seat?' } } }));
const word = (choice: 'approve' | 'edit' | 'deny', id: string): Input => ({
  in: 'gate',
  step: 'a',
  id,
  choice,
  by,
  data: '3C',
  letter: id,
});

function asked(spec: Partial<StepSpec> = {}, ...agents: object[]) {
  const run = given();
  run.ask('a', { spec: { skill: 's', ...spec } });
  const found = agents.length === 0 ? [{ agent: 'x' }] : agents;
  run.take(candidates(...(found as { agent: string }[])));
  return run;
}

function told({ commands }: Decision): unknown[] {
  return commands.filter((one) => one.do === 'leaveQuestion');
}

test('denied', () => {
  const run = asked();
  run.take({ in: 'answer', step: 'a', n: 1, fault: asks('q') });
  const end = run.take(word('deny', 'g'));
  expect(told(end)).toMatchObject([{ step: 'a', n: 1, agent: 'x', skill: 's', question: 'q', denied: true }]);
  expect(end.barrier).toBe(true);
});

test('cancelled, or too late', () => {
  for (const input of [
    { in: 'cancel', by, reason: 'no more', why: 'asked', letter: '' },
    { in: 'timer', id: 'deadline', letter: '' },
  ] as Input[]) {
    const run = asked();
    run.take({ in: 'answer', step: 'a', n: 1, fault: asks('q') });
    expect(told(run.take(input))).toMatchObject([{ agent: 'x', question: 'q', denied: false }]);
  }
});

test('answered, it is the next call that says it: nothing is left', () => {
  const run = asked();
  run.take({ in: 'answer', step: 'a', n: 1, fault: asks('q') });
  expect(told(run.take(word('edit', 'g')))).toEqual([]);
  expect(told(run.take({ in: 'answer', step: 'a', n: 2, data: 'done' }))).toEqual([]);
});

test('answered, and the next question denied: the last one is left', () => {
  const run = asked();
  run.take({ in: 'answer', step: 'a', n: 1, fault: asks('q') });
  run.take(word('edit', 'g'));
  run.take({ in: 'answer', step: 'a', n: 2, fault: asks('r') });
  expect(told(run.take(word('deny', 'h')))).toMatchObject([{ n: 2, question: 'r' }]);
});

test('one of a panel that asks is no vote, and does not wait for ever', () => {
  const panel = { skill: 's', agree: { by: 'majority', of: 3 } } as Partial<StepSpec>;
  const run = asked(panel, { agent: 'x' }, { agent: 'y' }, { agent: 'z' });
  run.take({ in: 'answer', step: 'a', n: 1, fault: asks('q') });
  run.take({ in: 'answer', step: 'a', n: 2, data: 1 });
  const last = run.take({ in: 'answer', step: 'a', n: 3, data: 1 });
  expect(run.state.steps.get('a')).toMatchObject({ out: 'ok' });
  expect(told(last)).toMatchObject([{ n: 1, agent: 'x', denied: false }]);
});

test('an effect that asks when its run is over already is told at once', () => {
  const run = asked({ effect: 'idempotent', right: undefined }, { agent: 'x', effect: 'idempotent' });
  run.take({ in: 'cancel', by, reason: 'no more', why: 'asked', letter: '' });
  expect(told(run.take({ in: 'answer', step: 'a', n: 1, fault: asks('q') }))).toMatchObject([{ question: 'q' }]);
});
