/** Admit: a task becomes a run, once. */
import { expect, test } from 'vitest';
import { type AdmitInput, newRunState } from '../../model/index.ts';
import { decide, given, types } from '../../../test/workloads/given.ts';

const task: AdmitInput = {
  in: 'admit',
  run: 'r',
  workflow: 'w',
  version: '1',
  by: { id: 'me', rights: [] },
  seed: 's',
  engine: 'e',
};

test('what was asked is in the journal before anything else, with its deadline as a letter to oneself', () => {
  const admitted = decide(
    newRunState('r'),
    { ...task, data: { n: 1 }, labels: ['x'], budget: { money: 1 }, deadlineMs: 99 },
    7,
  );
  expect(admitted.events).toMatchObject([{ type: 'run.admitted', by: { id: 'me' }, data: { n: 1 }, labels: ['x'] }]);
  expect(admitted.send).toMatchObject([{ to: 'r', id: 't:deadline', dueMs: 99 }]);
  expect(admitted.barrier).toBe(true);
});

test('a run is admitted once', () => {
  const run = given();
  expect(types(run.take(task))).toEqual([]);
});

test('its budget is not the one that the fold counts in', () => {
  const budget = Object.freeze({ money: 3 });
  const run = given({ budget });
  run.ask('a', { spec: { skill: 's', ceiling: { money: 1 } } });
  run.take({ in: 'candidates', skill: 's', position: 1, candidates: [{ agent: 'x', effect: 'pure' }] });
  expect(run.state.budget).toMatchObject({ limit: { money: 3 }, held: { money: 1 } });
});
