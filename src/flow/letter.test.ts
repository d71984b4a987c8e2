/** May it be done, and was it done: a word on one question is none on the other. */
import { expect, test } from 'vitest';
import type { Input } from '../model/index.ts';
import { candidates, given, types } from '../../test/workloads/given.ts';

const boss = { id: 'boss', rights: ['*'] };
const word = (id: string, choice: 'approve' | 'deny', attempt?: number): Input => ({
  in: 'gate',
  step: 'a',
  id,
  choice,
  by: boss,
  attempt,
  letter: `gate:${id}`,
});

const pay = { kind: 'effect', spec: { skill: 's', right: 'pay' } } as const;

function unknown() {
  const run = given();
  run.ask('a', pay);
  run.take(candidates({ agent: 'x', effect: 'irreversible' }));
  run.take(word('g1', 'approve'));
  run.take({ in: 'claim', worker: 'w2', epoch: 2 });
  run.ask('a', pay);
  return run;
}

test('a second approval of the gate does not say that the call happened', () => {
  const run = unknown();
  expect(types(run.take(word('g2', 'approve')))).toEqual(['letter.refused']);
  const happened = run.take(word('g3', 'approve', 1));
  expect(types(happened)).toContain('effect.reconciled');
});

test('a late word on a former attempt says nothing of the next', () => {
  const run = unknown();
  expect(types(run.take(word('g2', 'deny', 1)))).toContain('attempt.begun');
  run.take({ in: 'claim', worker: 'w3', epoch: 3 });
  run.ask('a', pay);
  expect(types(run.take(word('g3', 'deny', 1)))).toEqual(['letter.refused']);
  expect(types(run.take(word('g4', 'deny', 2)))).toContain('attempt.begun');
});
