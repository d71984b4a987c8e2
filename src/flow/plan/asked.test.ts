/** Drift of a step that has acted. */
import { expect, test } from 'vitest';
import { candidates, given, types } from '../../../test/workloads/given.ts';

test('a settled effect asked with another input is redone by a person only, whatever the step says', () => {
  const run = given();
  run.ask('e', { kind: 'effect' });
  run.take(candidates({ agent: 'x', effect: 'idempotent', keyed: true }));
  run.take({ in: 'answer', step: 'e', n: 1, data: 1 });
  const drifted = run.ask('e', { kind: 'effect', hash: 'other', spec: { skill: 's', drift: 'redo' } });
  expect(types(drifted)).toEqual(['drift.found', 'fault.escalated']);
  const by = { id: 'me', rights: ['*'] };
  const redone = run.take({ in: 'drift', step: 'e', choice: 'redo', by, letter: '' });
  expect(types(redone)).toEqual(['drift.answered', 'step.redone', 'step.asked', 'attempt.begun']);
});

test('a settled pure step that says redo is worked again', () => {
  const run = given();
  run.ask('a', {});
  run.take(candidates('x'));
  run.take({ in: 'answer', step: 'a', n: 1, data: 1 });
  const drifted = run.ask('a', { hash: 'other', spec: { skill: 's', drift: 'redo' } });
  expect(types(drifted)).toEqual(['drift.found', 'drift.answered', 'step.redone', 'step.asked', 'attempt.begun']);
});
