/** Tries are bounded, whatever an agent says of itself. */
import { expect, test } from 'vitest';
import { Fault, faultToData } from '../../base/index.ts';
import { candidates, given, type Given, types } from '../../../test/workloads/given.ts';

const gone = (retry: 'same', afterMs?: number) => faultToData(new Fault('agent.lost', 'no word', { retry, afterMs }));

/** Plays on until nothing more is asked; gives how many attempts that took. */
function playOut(run: Given, fault = gone('same')): number {
  for (let n = 1; n < 100; n++) {
    if (run.state.steps.get('a')?.settledSeq !== 0) return n - 1;
    for (const id of run.state.timers.keys()) run.take({ in: 'timer', id, letter: '' });
    run.take({ in: 'answer', step: 'a', n, fault });
  }
  return 100;
}

test("an agent's own word that it was lost, and may be asked again, is a try like any other", () => {
  const run = given();
  run.ask('a', { spec: { skill: 's', retry: { tries: 4 } } });
  run.take(candidates('x'));
  expect(playOut(run)).toBe(4);
});

test('and in a panel it is a non-vote: each is asked once more, nobody for ever', () => {
  const run = given();
  run.ask('a', { spec: { skill: 's', agree: { by: 'majority', panel: 3 } } });
  run.take(candidates('x', 'y', 'z'));
  expect(playOut(run)).toBe(6);
  expect(run.state.steps.get('a')).toMatchObject({ out: 'failed', fault: { code: 'no-way-left' } });
});

test('an effect that is known not to have happened is not begun at once and for ever', () => {
  const run = given();
  run.ask('a', { kind: 'effect', spec: { skill: 's' } });
  run.take(candidates({ agent: 'x', effect: 'reversible', reconciles: true, undoes: true }));
  let n = 1;
  for (; n < 50 && run.state.steps.get('a')?.settledSeq === 0; n++) {
    for (const id of run.state.timers.keys()) run.take({ in: 'timer', id, letter: '' });
    run.take({ in: 'answer', step: 'a', n, fault: gone('same') });
    run.take({ in: 'reconciled', step: 'a', n, happened: false, by: 'x' });
  }
  expect(n - 1).toBe(3);
});

test('who asks for a wait of years is not waited for', () => {
  const run = given();
  run.ask('a', {});
  run.take(candidates('x', 'y'));
  const busy = faultToData(new Fault('agent.busy', 'later', { afterMs: 1e15 }));
  const after = run.take({ in: 'answer', step: 'a', n: 1, fault: busy });
  expect(types(after)).toEqual(['attempt.ended', 'attempt.begun']);
  expect(run.state.timers.size).toBe(0);
  const never = new Fault('agent.busy', 'later', { afterMs: Infinity });
  expect(faultToData(never)).not.toHaveProperty('afterMs');
});
