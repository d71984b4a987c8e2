/** Calls that the site did not make: elsewhere, then the same later, within bounds. */
import { expect, test } from 'vitest';
import { Fault, faultToData } from '../../base/index.ts';
import type { Input, Unasked } from '../../model/index.ts';
import { candidates, given, type Given, types } from '../../../test/workloads/given.ts';

const AFTER_MS = 5_000;
const fault = faultToData(new Fault('agent.busy', 'not now', { retry: 'elsewhere', afterMs: AFTER_MS }));
const unasked = (n: number, why: Unasked = 'unhealthy'): Input => ({ in: 'answer', step: 'a', n, fault, unasked: why });
const failed = (n: number): Input => ({
  in: 'answer',
  step: 'a',
  n,
  fault: faultToData(new Fault('agent.failed', 'no')),
});
const due = (run: Given) => [...run.state.timers.keys()].map((id) => run.take({ in: 'timer', id, letter: '' }));

test('somebody else first; where all others failed, who was not asked is asked when it may be', () => {
  const run = given();
  run.ask('a', { spec: { skill: 's', lesser: [{ skill: 'less' }] } });
  run.take(candidates('x', 'y'));
  expect(run.take(unasked(1)).events).toMatchObject([
    { type: 'attempt.ended', unasked: 'unhealthy' },
    { type: 'attempt.begun', agent: 'y', why: 'elsewhere' },
  ]);
  const later = run.take(failed(2));
  expect(types(later)).toEqual(['attempt.ended', 'timer.set']);
  expect([...run.state.timers.keys()]).toEqual(['retry|a|x']);
  expect(later.send[0]!.dueMs - later.at).toBeGreaterThan(AFTER_MS);
  expect(due(run)[0]!.events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'x', why: 'retry' });
});

test('an effect that was not asked for is known not to have happened, and moves elsewhere', () => {
  const run = given();
  run.ask('a', { kind: 'effect', spec: { skill: 's' } });
  run.take(candidates({ agent: 'x', effect: 'reversible' }, { agent: 'y', effect: 'reversible' }));
  expect(run.take(unasked(1)).events).toMatchObject([
    { type: 'attempt.ended' },
    { type: 'attempt.begun', agent: 'y', why: 'elsewhere' },
  ]);
});

test('but not where an earlier call of it may have happened: that agent again, with its key', () => {
  const run = given();
  run.ask('a', { kind: 'effect', spec: { skill: 's' } });
  const effect = { effect: 'idempotent' as const, keyed: true };
  run.take(candidates({ agent: 'x', ...effect }, { agent: 'y', ...effect }));
  run.take(failed(1));
  due(run);
  expect(types(run.take(unasked(2)))).toEqual(['attempt.ended', 'timer.set']);
  expect(due(run)[0]!.events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'x', why: 'retry' });
});

test.each([
  ['unhealthy', 3],
  ['full', 3],
  ['rate', 64],
] as const)('%s: nobody is waited for for ever', (why, most) => {
  const run = given();
  run.ask('a', {});
  run.take(candidates('x'));
  let n = 1;
  for (; n < 100 && run.state.steps.get('a')?.settledSeq === 0; n++) {
    due(run);
    run.take(unasked(n, why));
  }
  expect(n - 1).toBe(most);
  expect(run.state.steps.get('a')).toMatchObject({ out: 'failed' });
});

test('nor beyond the deadline', () => {
  const run = given();
  run.ask('a', { spec: { skill: 's', deadlineMs: AFTER_MS } });
  run.take(candidates('x'));
  run.take(unasked(1));
  expect(run.state.steps.get('a')).toMatchObject({ out: 'failed' });
});
