/** How runs come to their end. */
import { expect, test } from 'vitest';
import type { Input } from '../../model/index.ts';
import { candidates, given, types } from '../../../test/workloads/given.ts';

const returned = { in: 'returned', continueWith: { run: 'r~2' }, unasked: [] } as const;

test('continue as new waits for effects that are still out', () => {
  const run = given();
  run.ask('e', { kind: 'effect' });
  run.take(candidates({ agent: 'x', effect: 'idempotent', keyed: true }));
  const left = run.take({ ...returned, unasked: [] });
  expect(types(left)).toEqual(['step.settled', 'run.ending']);
  expect(left.commands.map((command) => command.do)).not.toContain('startRun');
  const late = run.take({ in: 'answer', step: 'e', n: 1, data: 1 });
  expect(late.events).toMatchObject([{ type: 'attempt.ended', late: true }]);
  expect(late.commands).toMatchObject([{ do: 'startRun', run: 'r~2' }]);
  expect(types(run.take({ in: 'begun', run: 'r~2' }))).toEqual(['run.ended']);
});

test('the next run is begun once, and again after a takeover', () => {
  const run = given();
  run.ask('open', { kind: 'signal', spec: { signal: 'go' } });
  const left = run.take({ ...returned, unasked: [] });
  expect(left.commands.filter((command) => command.do === 'startRun')).toHaveLength(1);
  const again = run.take({ in: 'claim', worker: 'w2', epoch: 2 });
  expect(again.commands.filter((command) => command.do === 'startRun')).toHaveLength(1);
});

function unbegun(parent?: { run: string; step: string }) {
  const run = given({ parent });
  run.ask('e', { kind: 'effect' });
  run.take(candidates({ agent: 'x', effect: 'reversible', keyed: true, undoes: true, price: { money: 2 } }));
  run.take({ in: 'answer', step: 'e', n: 1, data: 1, cost: { money: 2 } });
  const left = run.take({ ...returned, unasked: [] });
  return { run, left, begun: run.take({ in: 'begun', run: 'r~2', fault: another }) };
}
const another = { code: 'conflict', message: 'it is another', retry: 'never' } as const;

test('where the next run can never be begun, this one fails, and undoes what it did', () => {
  const { run, begun } = unbegun();
  expect(types(begun)).toEqual(['run.ending', 'undo.begun']);
  expect(types(run.take({ in: 'undone', step: 'e' }))).toEqual(['undo.ended', 'run.ended']);
  expect(run.state).toMatchObject({ outcome: 'failed', fault: another, next: undefined });
});

test('its parent hears of it in the name of the next run, and has what it did in its own book already', () => {
  const { left, begun } = unbegun({ run: 'p', step: 'c' });
  const told = { outcome: 'continued', spent: { money: 2 }, effects: [{ step: 'e' }] };
  expect(left.send).toMatchObject([{ to: 'p', id: 'child:r', body: told }]);
  expect(types(begun)).toEqual(['run.ending', 'run.ended']);
  const body = { in: 'child', step: 'c', run: 'r~2', outcome: 'failed', fault: another, spent: { money: 0 } };
  expect(begun.send).toMatchObject([{ to: 'p', id: 'child:r~2', body }]);
});

test('cancelled while a way that was left is being undone: it ends when that is over', () => {
  const run = given();
  const seat = { name: 'seat', kind: 'effect' as const, spec: { skill: 's' } };
  const no = { name: 'no', kind: 'ask' as const, spec: { skill: 's' }, after: [{ step: 'seat', when: 'success' }] };
  const other = { name: 'other', kind: 'ask' as const, spec: { skill: 't' } };
  run.ask('a', { spec: { alternatives: [{ body: { steps: [seat, no] } }, { body: { steps: [other] } }] } as never });
  const one = { agent: 'x', effect: 'reversible', keyed: true, undoes: true };
  // The second way is dearer: the first is taken first.
  run.take({ ...candidates({ ...one, price: { money: 9 } }), skill: 't' } as Input);
  run.take(candidates(one));
  run.take({ in: 'answer', step: 'a/seat', n: 1, data: 1 });
  const fault = { code: 'agent.refused', message: 'no', retry: 'never' } as const;
  const left = run.take({ in: 'answer', step: 'a/no', n: 1, fault });
  expect(types(left).slice(-2)).toEqual(['way.taken', 'undo.begun']);
  const cancelled = run.take({ in: 'cancel', by: { id: 'me', rights: ['*'] }, reason: 'enough', why: 'asked' });
  expect(types(cancelled).slice(-2)).toEqual(['step.settled', 'run.ending']);
  expect(types(run.take({ in: 'undone', step: 'a/seat' }))).toEqual(['undo.ended', 'run.ended']);
});

test('taken over while a way that was left is being undone: nothing of the new way begins before that is over', () => {
  const run = given();
  const seat = { name: 'seat', kind: 'effect' as const, spec: { skill: 's' } };
  const no = { name: 'no', kind: 'ask' as const, spec: { skill: 's' }, after: [{ step: 'seat', when: 'success' }] };
  const spec = { skill: 't', alternatives: [{ body: { steps: [seat, no] } }] };
  const ask = () => run.ask('a', { spec: spec as never });
  ask();
  const one = { agent: 'x', effect: 'reversible', keyed: true, undoes: true };
  run.take({ ...candidates({ agent: 'y', price: { money: 9 } }), skill: 't' } as Input);
  run.take(candidates(one));
  run.take({ in: 'answer', step: 'a/seat', n: 1, data: 1 });
  const fault = { code: 'agent.refused', message: 'no', retry: 'never' } as const;
  run.take({ in: 'answer', step: 'a/no', n: 1, fault });
  // Whatever the code still asks for: what was begun to be undone is undone.
  expect(run.take({ in: 'claim', worker: 'w2', epoch: 2 }).commands.map((command) => command.do)).toContain('undo');
  const again = ask();
  expect(types(again)).toEqual(['step.resumed']);
  expect(again.commands.map((command) => command.do)).not.toContain('undo');
  expect(types(run.take({ in: 'undone', step: 'a/seat' }))).toEqual(['undo.ended', 'attempt.begun']);
});
