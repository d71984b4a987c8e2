/** Joins: decided at the first moment, frozen then; and what is left inside. */
import { describe, expect, test } from 'vitest';
import { Fault, faultToData, type Json } from '../../base/index.ts';
import type { Input, JoinMode } from '../../model/index.ts';
import { candidates, given, type Given, types } from '../../../test/workloads/given.ts';

function joined(join: JoinMode, branches = ['x', 'y', 'z']): Given {
  const run = given();
  run.ask('j', { kind: 'join', spec: { join, branches } });
  return run;
}
const ok = (run: Given, branch: string, data: Json = branch) =>
  run.take({ in: 'branch', step: 'j', branch, out: 'ok', data });
const fail = (run: Given, branch: string, code: 'step.failed' | 'step.cancelled' = 'step.failed') =>
  run.take({
    in: 'branch',
    step: 'j',
    branch,
    out: code === 'step.failed' ? 'failed' : 'cancelled',
    fault: faultToData(new Fault(code, `${branch} failed`)),
  });
const output = (run: Given) => run.state.steps.get('j')?.output;

describe('J1: the first moment', () => {
  test('all: the last that succeeds, or the first that does not', () => {
    const run = joined('all');
    ok(run, 'x');
    ok(run, 'z');
    expect(types(ok(run, 'y'))).toEqual(['branch.ended', 'join.frozen', 'step.settled']);
    expect(output(run)).toEqual({ x: 'x', y: 'y', z: 'z' });
    expect(fail(joined('all'), 'y').events.at(-1)).toMatchObject({ out: 'failed', fault: { message: 'y failed' } });
    expect(fail(joined('all'), 'y', 'step.cancelled').events.at(-1)).toMatchObject({ out: 'failed' });
  });

  test('any: the first that succeeds, or when none can', () => {
    const run = joined('any');
    expect(types(fail(run, 'x'))).toEqual(['branch.ended']);
    ok(run, 'z');
    expect(output(run)).toEqual({ z: 'z' });
    const none = joined('any', ['x', 'y']);
    fail(none, 'x');
    expect(fail(none, 'y').events.at(-1)).toMatchObject({ out: 'failed', fault: { code: 'join.impossible' } });
  });

  test('atLeast: as many, or as soon as there cannot be as many', () => {
    const run = joined({ atLeast: 2 });
    ok(run, 'z');
    ok(run, 'x');
    expect(output(run)).toEqual({ x: 'x', z: 'z' });
    const never = joined({ atLeast: 2 });
    fail(never, 'x');
    expect(fail(never, 'y').events.at(-1)).toMatchObject({ fault: { code: 'join.impossible' } });
  });

  test('settled: when all have ended, however', () => {
    const run = joined('settled', ['x', 'y']);
    fail(run, 'x');
    expect(types(ok(run, 'y'))).toContain('step.settled');
    expect(output(run)).toMatchObject({ x: { ok: false }, y: { ok: true, value: 'y' } });
  });

  test('of nothing: at once', () => {
    const all = given();
    expect(types(all.ask('j', { kind: 'join', spec: { join: 'all', branches: [] } }))).toEqual([
      'step.asked',
      'join.frozen',
      'step.settled',
    ]);
    const any = given();
    expect(any.ask('j', { kind: 'join', spec: { join: 'any', branches: [] } }).events.at(-1)).toMatchObject({
      out: 'failed',
    });
  });

  test('asked again with another rule or other branches, it is decided on what has ended', () => {
    const run = joined('all', ['x', 'y']);
    ok(run, 'x');
    expect(types(run.ask('j', { kind: 'join', hash: 'any', spec: { join: 'any', branches: ['x', 'y'] } }))).toEqual([
      'step.asked',
      'join.frozen',
      'step.settled',
    ]);
    const fewer = joined('all', ['x', 'y']);
    fail(joined('all', ['x', 'y']), 'x');
    ok(fewer, 'y');
    fewer.ask('j', { kind: 'join', hash: 'less', spec: { join: 'all', branches: ['y'] } });
    expect(output(fewer)).toEqual({ y: 'y' });
  });
});

test('J2: what ends later is not heard; a branch ends once', () => {
  const run = joined('any');
  ok(run, 'x');
  expect(types(ok(run, 'y'))).toEqual([]);
  const twice = joined('all');
  ok(twice, 'x', 1);
  expect(types(ok(twice, 'x', 2))).toEqual([]);
});

test('losers are cancelled: pure calls are stopped, calls with effects are heard out and taken back', () => {
  const run = joined('any');
  run.ask('j/x/p', {});
  run.ask('j/y/e', { kind: 'effect', spec: { skill: 't' } });
  run.take(candidates('u'));
  run.take({
    in: 'candidates',
    skill: 't',
    position: 1,
    candidates: [{ agent: 'v', effect: 'reversible', undoes: true }],
  });
  const won = ok(run, 'z');
  expect(won.commands.map((c) => c.do)).toEqual(['stopAttempt', 'release', 'release', 'release']);
  expect(types(won).filter((type) => type === 'step.settled')).toHaveLength(3);
  expect(types(run.take({ in: 'returned', data: 1, unasked: [] }))).toEqual(['run.ending']);
  const landed = run.take({ in: 'answer', step: 'j/y/e', n: 1, data: 'late' });
  expect(landed.events).toMatchObject([
    { type: 'attempt.ended', late: true },
    { type: 'undo.begun', step: 'j/y/e' },
  ]);
  expect(types(run.take({ in: 'undone', step: 'j/y/e' }))).toEqual(['undo.ended', 'run.ended']);
});

test('what a branch leaves open is cancelled when it ends', () => {
  const run = joined('all');
  run.ask('j/x/w', { kind: 'wait', spec: { waitMs: 9_000 } });
  const end = ok(run, 'x');
  expect(end.events).toContainEqual(expect.objectContaining({ type: 'step.settled', step: 'j/x/w', out: 'cancelled' }));
  expect(end.take).toContain('t:wait|j/x/w');
});

describe('undo', () => {
  function two(): Given {
    const run = given();
    for (const step of ['a', 'b']) run.ask(step, { kind: 'effect' });
    run.take(candidates({ agent: 'x', effect: 'reversible', undoes: true }));
    // b is done first.
    run.take({ in: 'answer', step: 'b', n: 1, data: 1 });
    run.take({ in: 'answer', step: 'a', n: 1, data: 1 });
    return run;
  }
  const returns: Input = { in: 'returned', fault: faultToData(new Fault('step.failed', 'no')), unasked: [] };

  test('the last done first, one after the other, then the end', () => {
    const run = two();
    const ending = run.take(returns);
    expect(ending.events).toMatchObject([{ type: 'run.ending' }, { type: 'undo.begun', step: 'a' }]);
    expect(ending.commands).toMatchObject([{ do: 'undo', step: 'a', key: 'undo:r:a:h' }]);
    expect(run.take({ in: 'undone', step: 'a' }).events).toMatchObject([
      { type: 'undo.ended' },
      { type: 'undo.begun', step: 'b' },
    ]);
    expect(types(run.take({ in: 'undone', step: 'b' }))).toEqual(['undo.ended', 'run.ended']);
  });

  test('a failure is tried again after a wait, then told, and the next goes on', () => {
    const run = two();
    run.take(returns);
    for (let i = 1; i < 5; i++) {
      const failed = run.take({ in: 'undone', step: 'a', fault: faultToData(new Fault('agent.busy', 'no')) });
      expect(types(failed)).toEqual(['undo.ended', 'timer.set']);
      expect(types(run.take({ in: 'timer', id: 'undo|a', letter: '' }))).toEqual(['timer.fired', 'undo.begun']);
    }
    const last = run.take({ in: 'undone', step: 'a', fault: faultToData(new Fault('agent.busy', 'no')) });
    expect(types(last)).toEqual(['undo.ended', 'fault.escalated', 'undo.begun']);
  });

  test('a worker that takes over asks for the undo again, under the same key', () => {
    const run = two();
    run.take(returns);
    expect(run.take({ in: 'claim', worker: 'w2', epoch: 2 }).commands).toMatchObject([
      { do: 'findCandidates' },
      { do: 'undo', key: 'undo:r:a:h' },
    ]);
  });
});

test('turns of edited code that are no news do nothing: only the end of its loop is heard, and replay can tell', () => {
  const run = given();
  run.ask('l', { kind: 'loop', spec: { maxTurns: 9 } });
  run.take({ in: 'turned', step: 'l', turns: [{ turn: 1, data: 1 }] });
  run.ask('l/2/s', {});
  const { events } = run.take({ in: 'turned', step: 'l', turns: [{ turn: 1, data: 1 }], done: true });
  expect(events.filter((e) => e.type === 'loop.turned')).toEqual([]);
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'step.settled',
      step: 'l/2/s',
      fault: expect.objectContaining({ message: 'its scope has ended' }),
    }),
  );
});

test('a loop without a turn gives what it began with, as in a plan', () => {
  const run = given();
  run.ask('l', { kind: 'loop', spec: { maxTurns: 0 }, data: 7 });
  run.take({ in: 'turned', step: 'l', turns: [{ turn: 0, data: 7 }], done: true });
  expect(run.state.steps.get('l')).toMatchObject({ out: 'ok', output: 7 });
});

test('a join that has fewer branches than it needs says how many it has', () => {
  const message = (run: Given) => run.state.steps.get('j')?.fault?.message;
  const empty = joined('any', []);
  empty.take({ in: 'claim', worker: 'w2', epoch: 2 });
  expect(message(empty)).toBe(`'j' has 0 branches, and needs 1 to succeed`);
  const few = joined({ atLeast: 3 }, ['x', 'y']);
  ok(few, 'x');
  expect(message(few)).toBe(`'j' has 2 branches, and needs 3 to succeed`);
});
