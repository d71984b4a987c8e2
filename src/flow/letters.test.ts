/** Letters: timers, signals, words of persons, children's ends; each is taken once. */
import { expect, test } from 'vitest';
import { given, types } from '../../test/workloads/given.ts';

const boss = { id: 'bo', rights: ['*'] };
const eve = { id: 'eve', rights: [] };

test('a signal waits for its step, goes to one, and is heard once', () => {
  const run = given();
  const go = { in: 'signal', signal: 'go', id: 's1', by: boss, data: 1, letter: '' } as const;
  expect(types(run.take(go))).toEqual(['signal.received']);
  expect(types(run.take(go))).toEqual([]);
  expect(types(run.ask('go', { kind: 'signal', spec: { signal: 'go' } }))).toEqual(['step.asked', 'step.settled']);
  run.ask('go#2', { kind: 'signal', spec: { signal: 'go' } });
  run.ask('go#3', { kind: 'signal', spec: { signal: 'go' } });
  run.take({ ...go, id: 's2', data: 2 });
  expect([...run.state.open]).toEqual(['go#3']);
  expect(types(run.take({ ...go, id: 's3', by: eve }))).toEqual(['letter.refused']);
});

test('a word that was refused may be said again under its id when what stood against it is gone', () => {
  const run = given();
  const go = { in: 'signal', signal: 'go', id: 's1', data: 1, letter: '' } as const;
  expect(types(run.take({ ...go, by: eve }))).toEqual(['letter.refused']);
  expect(types(run.take({ ...go, by: boss }))).toEqual(['signal.received']);
  expect(types(run.take({ ...go, by: boss }))).toEqual([]);
  const yes = { in: 'gate', step: 'g', id: 'g1', choice: 'approve', by: boss, letter: '' } as const;
  expect(types(run.take(yes))).toEqual(['letter.refused']);
  run.ask('g', { kind: 'gate' });
  expect(types(run.take(yes))).toEqual(['gate.answered', 'step.settled']);
  expect(types(run.take(yes))).toEqual([]);
});

test('a timer that comes early is set again; one that comes for nothing is nothing', () => {
  const run = given();
  run.ask('w', { kind: 'wait', spec: { waitMs: 100 } });
  const early = run.take({ in: 'timer', id: 'wait|w', letter: '' });
  expect([types(early), early.send.length]).toEqual([[], 1]);
  expect(types(run.take({ in: 'timer', id: 'wait|w', letter: '' }, 200))).toEqual(['timer.fired', 'step.settled']);
  expect(types(run.take({ in: 'timer', id: 'wait|w', letter: '' }))).toEqual([]);
});

test('a cancel: by who may, or by who asked for the run; what is open ends, and the code stops', () => {
  const run = given({ by: { id: 'me', rights: [] } });
  run.ask('g', { kind: 'gate' });
  const cancel = { in: 'cancel', reason: 'enough', why: 'asked' } as const;
  expect(types(run.take({ ...cancel, by: eve }))).toEqual(['letter.refused']);
  const cancelled = run.take({ ...cancel, by: { id: 'me', rights: [] } });
  expect(types(cancelled)).toEqual(['run.cancelling', 'step.settled', 'run.ended']);
  expect(cancelled.commands.map((c) => c.do)).toContain('stopCode');
  expect(types(run.take({ ...cancel, by: boss }))).toEqual([]);
});

test('a child is cancelled with its step, and the run ends when it has', () => {
  const run = given();
  run.ask('c', { kind: 'workflow', spec: { workflow: 'w' } });
  const cancelled = run.take({ in: 'cancel', by: boss, reason: 'enough', why: 'asked' });
  expect(cancelled.send).toMatchObject([{ to: 'r.c', body: { in: 'cancel', why: 'parent' } }]);
  expect(run.state.phase).toBe('ending');
  const ended = run.take({ in: 'child', step: 'c', run: 'r.c', outcome: 'cancelled', letter: '' });
  expect(types(ended)).toEqual(['child.ended', 'run.ended']);
});

test('a child hears of its own parent that it is cancelled, and of no other run', () => {
  const run = given({ parent: { run: 'p', step: 'c' } });
  const cancel = { in: 'cancel', by: eve, reason: 'mine', why: 'parent' } as const;
  expect(types(run.take({ ...cancel, from: 'q' }))).toEqual([]);
  expect(types(run.take({ ...cancel, from: 'p' }))).toEqual(['run.cancelling', 'run.ended']);
});

test('a child worked anew has another id; the end of the old one gives back what it held', () => {
  const run = given({ budget: { money: 5 } });
  const child = { kind: 'workflow', spec: { workflow: 'w', budget: { money: 4 } } } as const;
  run.ask('c', { ...child, hash: 'old' });
  run.ask('c', { ...child, hash: 'new' });
  const redone = run.take({ in: 'drift', step: 'c', choice: 'redo', by: boss, letter: '' });
  expect(redone.send).toMatchObject([{ to: 'r.c', body: { in: 'cancel' } }]);
  // What the first holds is not there for the second.
  expect(run.state.steps.get('c')).toMatchObject({ out: 'failed', fault: { code: 'budget.spent' } });
  run.take({ in: 'child', step: 'c', run: 'r.c', outcome: 'cancelled', spent: { money: 1 }, letter: '' });
  expect(run.state.budget).toMatchObject({ held: { money: 0 }, spent: { money: 1 } });
  expect(run.ask('c2', child).commands).toMatchObject([{ do: 'startRun', run: 'r.c2' }]);
});

test('the deadline ends the run as failed, and says so', () => {
  const run = given({ deadlineMs: 2_000 });
  run.ask('g', { kind: 'gate' });
  const over = run.take({ in: 'timer', id: 'deadline', letter: '' }, 2_000);
  expect(over.events.at(-1)).toMatchObject({
    type: 'run.ended',
    outcome: 'failed',
    fault: { code: 'deadline.passed' },
  });
});

test('a child begun by a worker that is gone, and cancelled before the code asks again: is it there at all?', () => {
  const run = given();
  run.ask('c', { kind: 'workflow', spec: { workflow: 'w' } });
  run.take({ in: 'claim', worker: 'w2', epoch: 2 });
  const { commands } = run.take({ in: 'cancel', by: { id: 'me', rights: ['*'] }, reason: 'enough', why: 'asked' });
  expect(commands.map((command) => command.do)).toContain('findChild');
});
