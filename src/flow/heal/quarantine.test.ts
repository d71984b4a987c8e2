/** A run that takes its workers down is set aside after so many takes of which nothing came, and a person lets it go. */
import { expect, test } from 'vitest';
import { candidates, given, type Given, types } from '../../../test/workloads/given.ts';
import { WHOLE_RUN } from '../../model/index.ts';
import { MAX_CLAIMS } from './quarantine.ts';

const plan = {
  name: 'w',
  steps: [
    { name: 'a', kind: 'ask', spec: { skill: 's' } },
    { name: 'b', kind: 'ask', spec: { skill: 's' }, after: [{ step: 'a', when: 'success' }] },
  ],
};
const by = { id: 'pat', rights: ['*'] };

function asked(): Given {
  const run = given({ plan: { hash: 'p', plan: plan as never } });
  run.take(candidates('x', 'y'));
  return run;
}

const claim = (run: Given, epoch: number) => run.take({ in: 'claim', worker: `w${epoch}`, epoch });
const answer = (choice: 'approve' | 'edit' | 'deny', data?: string) =>
  ({ in: 'gate', step: WHOLE_RUN, id: `g-${choice}`, choice, by, data, letter: '' }) as const;

function poisoned(run = asked()): Given {
  for (let i = 1; i < MAX_CLAIMS; i++) claim(run, i + 1);
  return run;
}

test('so many takes without a step ahead: set aside, nothing begins, and it says what was under way', () => {
  const run = poisoned();
  expect(run.state.quarantine).toBeUndefined();
  const last = claim(run, MAX_CLAIMS + 1);
  expect(types(last)).toEqual(['run.claimed', 'run.quarantined', 'fault.escalated']);
  expect(last.commands).toEqual([]);
  expect(last.events[2]).toMatchObject({
    step: WHOLE_RUN,
    to: 'person',
    fault: { code: 'run.poison' },
    cut: [{ agent: 'x', step: 'a', skill: 's' }],
  });
  // Whoever takes it up later leaves it alone too.
  expect(claim(run, MAX_CLAIMS + 2)).toMatchObject({ commands: [] });
});

test('a step ahead, or rest, and it is counted anew', () => {
  const run = poisoned();
  run.take({ in: 'answer', step: 'a', n: 1, data: 1 });
  expect(types(claim(run, MAX_CLAIMS + 1))).not.toContain('run.quarantined');
  const rested = poisoned();
  expect(types(rested.take({ in: 'rested', why: 'stopped' }))).toEqual(['run.rested']);
  expect(types(claim(rested, MAX_CLAIMS + 1))).not.toContain('run.quarantined');
  const replanned = poisoned();
  replanned.take({ in: 'replan', plan: { hash: 'q', plan: { ...plan, goal: 'otherwise' } as never }, by });
  expect(types(claim(replanned, MAX_CLAIMS + 1))).not.toContain('run.quarantined');
  // Who has nothing against it needs no such event.
  expect(asked().take({ in: 'rested', why: 'waits' }).events).toEqual([]);
});

test('a call lost with its worker and made again is no step ahead', () => {
  const run = given({ plan: { hash: 'p', plan: plan as never }, budget: { calls: 100 } });
  run.take(candidates('x', 'y'));
  let last = claim(run, 2);
  for (let i = 2; i <= MAX_CLAIMS; i++) last = claim(run, i + 1);
  expect(types(last)).toContain('run.quarantined');
});

test('approve: all that was under way begins again; edit: the one step has its result; others may not', () => {
  const freed = poisoned();
  claim(freed, 90);
  expect(types(freed.take({ ...answer('approve'), id: 'of-eve', by: { id: 'eve', rights: [] } }))).toEqual([
    'letter.refused',
  ]);
  const decision = freed.take(answer('approve'));
  expect(types(decision)).toEqual(['gate.answered', 'fault.healed']);
  expect(decision.commands).toContainEqual(expect.objectContaining({ do: 'askAgent', step: 'a', n: 1 }));
  expect(freed.state.claims).toBeUndefined();

  const edited = poisoned();
  claim(edited, 90);
  expect(types(edited.take(answer('edit', 'by hand')))).toContain('step.settled');
  expect(edited.state.steps.get('a')).toMatchObject({ out: 'ok', output: 'by hand' });
  expect(edited.state.steps.get('b')?.at).toBe('working');
});

test('deny, a cancel and the deadline end it, and what may have happened is found out first', () => {
  const pure = poisoned();
  claim(pure, 90);
  const denied = pure.take(answer('deny'));
  expect(pure.state).toMatchObject({ phase: 'ended', outcome: 'failed', fault: { code: 'run.poison' } });
  expect(denied.events).toContainEqual(expect.objectContaining({ type: 'fault.escalated', to: 'run' }));

  const cancelled = poisoned();
  claim(cancelled, 90);
  cancelled.take({ in: 'cancel', by, reason: 'enough', why: 'asked', letter: '' });
  expect(cancelled.state).toMatchObject({ phase: 'ended', outcome: 'cancelled' });

  const effect = given({ plan: { hash: 'p', plan: plan as never } });
  effect.take(candidates({ agent: 'x', effect: 'reversible', reconciles: true }));
  poisoned(effect);
  claim(effect, 90);
  const asks = effect.take({ in: 'cancel', by, reason: 'enough', why: 'asked', letter: '' });
  expect(effect.state.phase).toBe('ending');
  expect(asks.commands).toContainEqual(expect.objectContaining({ do: 'reconcile', step: 'a' }));
});

test('set aside, letters are heard and begin nothing', () => {
  const waiting = {
    name: 'w',
    steps: [
      { name: 'a', kind: 'ask', spec: { skill: 's' } },
      { name: 'go', kind: 'signal', spec: { signal: 'go' } },
      { name: 'b', kind: 'ask', spec: { skill: 's' }, after: [{ step: 'go', when: 'success' }] },
    ],
  };
  const run = given({ plan: { hash: 'p', plan: waiting as never } });
  run.take(candidates('x', 'y'));
  poisoned(run);
  claim(run, 90);
  const heard = run.take({ in: 'signal', signal: 'go', id: 's1', by, letter: '' });
  expect(types(heard)).toEqual(['signal.received', 'step.settled', 'step.asked']);
  expect(heard.commands.filter((one) => one.do === 'askAgent')).toEqual([]);
  const asks = run.take(answer('approve')).commands.filter((one) => one.do === 'askAgent');
  expect(asks.map((one) => one.step).sort()).toEqual(['a', 'b']);
});
