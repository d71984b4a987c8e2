/** Drift of a step that has acted. */
import { describe, expect, test } from 'vitest';
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

describe('identity', () => {
  test('I1: an id is all that counts, not the order of asking', () => {
    const run = given();
    run.take({ in: 'asked', asks: [code('a', 'h1'), code('b', 'h2')] });
    run.take({ in: 'ran', step: 'a', data: 'A' });
    run.take({ in: 'ran', step: 'b', data: 'B' });
    const again = run.take({ in: 'asked', asks: [code('b', 'h2'), code('a', 'h1')] });
    expect(again.events).toEqual([]);
    expect(again.commands).toMatchObject([
      { do: 'release', step: 'b', data: 'B' },
      { do: 'release', step: 'a', data: 'A' },
    ]);
  });

  test('I2: the same again gives the result again, with its place in the order', () => {
    const run = given();
    run.take({ in: 'asked', asks: [code('a')] });
    const settled = run.take({ in: 'ran', step: 'a', data: 1 });
    const seq = run.state.head;
    expect(settled.commands).toMatchObject([{ do: 'release', seq }]);
    expect(run.take({ in: 'asked', asks: [code('a')] }).commands).toMatchObject([
      { do: 'release', seq, out: 'ok', data: 1 },
    ]);
  });

  test('I3: otherwise it gives nothing until a person with the right decides', () => {
    const run = given();
    run.take({ in: 'asked', asks: [code('a', 'old')] });
    run.take({ in: 'ran', step: 'a', data: 1 });
    const drifted = run.take({ in: 'asked', asks: [code('a', 'new')] });
    expect(drifted.events).toMatchObject([
      { type: 'drift.found', had: 'old', has: 'new' },
      { type: 'fault.escalated', to: 'person' },
    ]);
    expect(drifted.commands).toEqual([]);
    const refused = run.take({ in: 'drift', step: 'a', choice: 'keep', by: { id: 'eve', rights: [] }, letter: '' });
    expect(types(refused)).toEqual(['letter.refused']);
    const kept = run.take({ in: 'drift', step: 'a', choice: 'keep', by: boss, letter: '' });
    expect(kept.commands).toMatchObject([{ do: 'release', data: 1 }]);
    expect(run.take({ in: 'asked', asks: [code('a', 'new')] }).events).toEqual([]);
    expect(run.take({ in: 'asked', asks: [code('a', 'old')] }).events).toEqual([]);
  });

  test('I3: asked as before again, there is nothing left to decide', () => {
    const run = given();
    run.take({ in: 'asked', asks: [code('a', 'old')] });
    run.take({ in: 'ran', step: 'a', data: 1 });
    run.take({ in: 'asked', asks: [code('a', 'new')] });
    const back = run.take({ in: 'asked', asks: [code('a', 'old')] });
    expect(back.events).toMatchObject([{ type: 'drift.answered', choice: 'withdrawn' }]);
    expect(back.commands).toMatchObject([{ do: 'release', data: 1 }]);
    expect(run.state.drifting?.size).toBe(0);
  });

  test('I4: an open step with another input is worked anew, and the old call is stopped and stays charged', () => {
    const run = given({ budget: { money: 9 } });
    run.ask('a', { hash: 'old' });
    run.take(candidates({ agent: 'x', price: { money: 2 } }));
    const anew = run.ask('a', { hash: 'new' });
    expect(types(anew)).toEqual(['attempt.ended', 'step.redone', 'step.asked', 'attempt.begun']);
    expect(anew.commands).toMatchObject([{ do: 'stopAttempt', n: 1 }, { do: 'askAgent' }]);
    expect(run.state.budget).toMatchObject({ spent: { money: 2 }, held: { money: 2 } });
  });

  test('I4: one that may have happened is drift; redone by a person, its key is another', () => {
    const run = given();
    run.ask('e', { kind: 'effect', hash: 'old' });
    const first = run.take(candidates({ agent: 'x', effect: 'idempotent', keyed: true }));
    expect(types(run.ask('e', { kind: 'effect', hash: 'new' }))).toEqual(['drift.found', 'fault.escalated']);
    const redone = run.take({ in: 'drift', step: 'e', choice: 'redo', by: boss, letter: '' });
    const keys = [first, redone].map((d) => d.commands.find((c) => c.do === 'askAgent')?.key);
    expect(keys).toEqual(['r:e:old', 'r:e:new']);
  });

  test('I4: a renamed effect keeps its key, and letters under its old name arrive', () => {
    const run = given();
    run.ask('old', { kind: 'effect', spec: { skill: 's', right: 'pay' } });
    run.take(candidates({ agent: 'x', effect: 'irreversible' }));
    run.ask('new', { kind: 'effect', spec: { skill: 's', right: 'pay' }, was: 'old' });
    const passed = run.take({ in: 'gate', step: 'old', id: 'g', choice: 'approve', by: boss, letter: '' });
    expect(passed.commands).toMatchObject([{ do: 'askAgent', step: 'new', key: 'r:old:h' }]);
  });

  test('I6: after a take-over an open call waits for the code, and a step nobody asks for costs nothing', () => {
    const run = given();
    run.ask('a', {});
    run.ask('b', { spec: { skill: 't' } });
    run.take(candidates('x'));
    const claimed = run.take({ in: 'claim', worker: 'w2', epoch: 2 });
    expect(claimed.commands.filter((c) => c.do === 'askAgent')).toEqual([]);
    expect(run.take(candidates('x', 'y')).commands).toEqual([]);
    const asked = run.ask('a', {});
    expect(types(asked)).toEqual(['step.resumed']);
    expect(asked.commands).toMatchObject([{ do: 'askAgent', step: 'a', n: 1 }]);
    const returned = run.take({ in: 'returned', unasked: [] });
    expect(returned.events).toContainEqual(
      expect.objectContaining({ type: 'step.settled', step: 'b', out: 'cancelled' }),
    );
  });
});

function code(step: string, hash = 'h') {
  return { step, kind: 'code' as const, hash };
}
const boss = { id: 'me', rights: ['*'] };

test('redo while a call is out that could be undone is refused: what it did would be in no book', () => {
  const run = given();
  const step = { kind: 'effect' as const, spec: { skill: 's' } };
  run.ask('a', step);
  run.take(candidates({ agent: 'x', effect: 'reversible', undoes: true, reconciles: true }));
  run.take({ in: 'claim', worker: 'w2', epoch: 2 });
  expect(types(run.ask('a', { ...step, hash: 'other' }))).toContain('drift.found');
  const redo = {
    in: 'drift' as const,
    step: 'a',
    choice: 'redo' as const,
    by: { id: 'me', rights: ['*'] },
    letter: '',
  };
  expect(run.take(redo).events).toMatchObject([
    { type: 'letter.refused', what: 'redo a', fault: { code: 'conflict' } },
  ]);
  run.take({ in: 'reconciled', step: 'a', n: 1, happened: true, by: 'x' });
  expect(types(run.take(redo))).toContain('step.redone');
  expect(run.state.effects).toMatchObject([{ step: 'a', state: 'done' }]);
});

describe('worked anew with what is open inside', () => {
  const loop = (hash: string) => ({ kind: 'loop', hash, spec: {} }) as const;

  test('a call that is out inside is stopped, and is made anew, though its own input is the same', () => {
    const run = given();
    run.ask('l', loop('one'));
    run.ask('l/1/a', {});
    run.take(candidates('x'));
    const renewed = run.ask('l', loop('other'));
    expect(types(renewed)).toEqual(['attempt.ended', 'step.redone', 'step.asked']);
    expect(renewed.commands.map((command) => command.do)).toEqual(['stopAttempt', 'open']);
    expect(types(run.ask('l/1/a', {}))).toEqual(['step.asked', 'attempt.begun']);
  });

  test('so is a child run: it is cancelled, and another begins', () => {
    const run = given();
    run.ask('l', { ...loop('one'), spec: { drift: 'redo' } });
    run.ask('l/1/c', { kind: 'workflow', spec: { workflow: 'sub' } });
    run.ask('l', loop('other'));
    const by = { id: 'me', rights: ['*'] };
    const redone = run.take({ in: 'drift', step: 'l', choice: 'redo', by, letter: '' });
    expect(redone.send.map(({ to, body }) => [to, body.in])).toEqual([['r.l.1.c', 'cancel']]);
    const begun = run.ask('l/1/c', { kind: 'workflow', spec: { workflow: 'sub' } });
    expect(begun.events).toMatchObject([{ type: 'step.asked' }, { type: 'child.started', run: 'r.l.1.c.r2' }]);
  });
});
