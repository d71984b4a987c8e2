/** Calls: gates and budgets before the intent, the intent before the call, and what an unknown call may lead to. */
import { describe, expect, test } from 'vitest';
import { Fault, type FaultCode, faultToData } from '../../base/index.ts';
import type { Decision, Input } from '../../model/index.ts';
import { candidates, given, type Given, types } from '../../../test/workloads/given.ts';

const boss = { id: 'me', rights: ['*'] };
const did = (decision: Decision) => decision.commands.map((c) => c.do);
const fails = (code: FaultCode, n = 1): Input => ({
  in: 'answer',
  step: 'a',
  n,
  fault: faultToData(new Fault(code, 'no')),
});
const claim = (epoch: number): Input => ({ in: 'claim', worker: `w${epoch}`, epoch });

function effect(facts: Record<string, unknown>, spec = {}): Given {
  const run = given();
  run.ask('a', { kind: 'effect', spec: { skill: 's', ...spec } });
  run.take(candidates({ agent: 'x', ...facts }, { agent: 'y', ...facts }));
  return run;
}
const keyed = { effect: 'idempotent', keyed: true };
const reversible = { effect: 'reversible', reconciles: true, undoes: true };
const mute = { effect: 'reversible' };

describe('gates', () => {
  test('an irreversible effect without one is refused; nobody is called', () => {
    const run = given();
    run.ask('a', { kind: 'effect' });
    const refused = run.take(candidates({ agent: 'x', effect: 'irreversible' }));
    expect(refused.events.at(-1)).toMatchObject({ type: 'step.settled', fault: { code: 'effect.ungated' } });
    expect(did(refused)).toEqual(['release']);
  });

  test('a right of its own: opened, passed by who has it, begun once', () => {
    const run = given();
    run.ask('a', { kind: 'effect', spec: { skill: 's', right: 'pay' } });
    expect(run.take(candidates({ agent: 'x', effect: 'irreversible' })).events.at(-1)).toMatchObject({
      type: 'gate.opened',
      right: 'pay',
    });
    const eve: Extract<Input, { in: 'gate' }> = {
      in: 'gate',
      step: 'a',
      id: 'g0',
      choice: 'approve',
      by: { id: 'eve', rights: ['gate:answer'] },
      letter: '',
    };
    expect(types(run.take(eve))).toEqual(['letter.refused']);
    const passed = run.take({ ...eve, id: 'g1', by: boss });
    expect(types(passed)).toEqual(['gate.answered', 'attempt.begun']);
    expect(passed.barrier).toBe(true);
    expect(types(run.take({ ...eve, id: 'g1', by: boss }))).toEqual([]);
  });

  test('in a fork effects are blocked', () => {
    const run = given({ blockEffects: true });
    run.ask('a', { kind: 'effect' });
    expect(run.take(candidates({ agent: 'x', ...keyed })).events.at(-1)).toMatchObject({
      fault: { code: 'effect.blocked' },
    });
  });
});

describe('budgets', () => {
  test('B1: what a call may cost is held before it, and what does not fit is not begun', () => {
    const run = given({ budget: { money: 3, calls: 9 } });
    run.ask('a', {});
    run.ask('b', {});
    const began = run.take(candidates({ agent: 'x', price: { money: 2 } }));
    expect(began.events).toContainEqual(
      expect.objectContaining({ type: 'attempt.begun', step: 'a', held: { money: 2, calls: 1 } }),
    );
    expect(began.events.at(-1)).toMatchObject({ type: 'step.settled', step: 'b', fault: { code: 'budget.spent' } });
    expect(began.barrier).toBe(true);
  });

  test('B1: a cost above the price is an overrun, journaled; a refused call costs nothing', () => {
    const run = given({ budget: { money: 3 } });
    run.ask('a', {});
    run.take(candidates({ agent: 'x', price: { money: 2 } }));
    expect(types(run.take({ in: 'answer', step: 'a', n: 1, data: 1, cost: { money: 5 } }))).toContain('budget.overrun');
    const other = given({ budget: { money: 3 } });
    other.ask('a', {});
    other.take(candidates({ agent: 'x', price: { money: 2 } }));
    other.take(fails('agent.refused'));
    expect(other.state.budget.spent.money ?? 0).toBe(0);
  });

  test('B2: a run that draws asks its parent for what it lacks, and waits', () => {
    const run = given({ budget: { money: 0 }, parent: { run: 'p', step: 's', draws: true } });
    run.ask('a', {});
    const wants = run.take(candidates({ agent: 'x', price: { money: 2 } }));
    expect(wants.send).toMatchObject([
      { to: 'p', body: { in: 'budget', say: 'wanted', child: 'r', amounts: { money: 2 } } },
    ]);
    const id = [...run.state.budget.wants.keys()][0]!;
    const heard = run.take({ in: 'budget', say: 'heard', id, granted: { money: 2 }, letter: '' });
    expect(types(heard)).toEqual(['budget.heard', 'attempt.begun']);
  });

  test('B2: two children never get more than there is', () => {
    const run = given({ budget: { money: 3 } });
    for (const step of ['c', 'd'])
      run.take({ in: 'asked', asks: [{ step, kind: 'workflow', hash: 'h', spec: { workflow: 'w' } }] });
    const want = (child: string): Decision =>
      run.take({ in: 'budget', say: 'wanted', child, id: 'i', amounts: { money: 2 }, letter: '' });
    expect(want('r.c').events).toMatchObject([{ granted: { money: 2 } }]);
    expect(want('r.d').events).toMatchObject([{ refused: true }]);
    expect(want('somebody').events).toMatchObject([{ refused: true }]);
    run.take({ in: 'child', step: 'c', run: 'r.c', outcome: 'completed', spent: { money: 1 }, letter: '' });
    expect(run.state.budget).toMatchObject({ spent: { money: 1 }, held: { money: 0 } });
    expect(want('r.d').events).toMatchObject([{ granted: { money: 2 } }]);
  });
});

describe('unknown calls', () => {
  test('U1: one that may have happened moves nowhere else, whatever it failed with', () => {
    for (const code of ['agent.failed', 'agent.lost', 'step.timeout', 'internal'] as const) {
      const lost = effect(reversible).take(fails(code));
      expect(types(lost)).toEqual(['effect.unknown']);
      expect(did(lost)).toEqual(['reconcile']);
    }
    const refused = effect(reversible).take(fails('agent.failed'));
    expect(types(refused)).toEqual(['effect.unknown']);
    const proven = given();
    proven.ask('a', { kind: 'effect' });
    proven.take(candidates({ agent: 'x', ...reversible }, { agent: 'y', ...reversible }));
    const elsewhere = proven.take({
      in: 'answer',
      step: 'a',
      n: 1,
      fault: faultToData(new Fault('agent.refused', 'no', { retry: 'elsewhere' })),
    });
    expect(elsewhere.events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'y', why: 'elsewhere' });
  });

  test('U2: with a key that is honoured it is tried again where it was tried, and then asked about', () => {
    const run = effect(keyed);
    for (const n of [1, 2]) {
      expect(types(run.take(fails('agent.failed', n)))).toEqual(['attempt.ended', 'timer.set']);
      const due = run.take({ in: 'timer', id: 'retry|a|x', letter: '' });
      expect(due.events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'x' });
      expect(due.commands).toMatchObject([{ do: 'askAgent', key: 'r:a:h' }]);
    }
    expect(types(run.take(fails('agent.failed', 3)))).toEqual(['effect.unknown', 'fault.escalated']);
    // Even a refusal proves nothing of the tries before it.
    const doubtful = effect(keyed);
    doubtful.take(fails('agent.failed', 1));
    doubtful.take({ in: 'timer', id: 'retry|a|x', letter: '' });
    expect(types(doubtful.take(fails('agent.refused', 2)))).toEqual(['attempt.ended', 'timer.set']);
  });

  test('U3: what the sink says counts; if it cannot say, a person decides', () => {
    const happened = effect(reversible);
    happened.take(fails('agent.lost'));
    expect(types(happened.take({ in: 'reconciled', step: 'a', n: 1, happened: true, by: 'x', data: 1 }))).toEqual([
      'effect.reconciled',
      'fault.healed',
      'step.settled',
    ]);
    expect(happened.state.effects).toMatchObject([{ step: 'a', undoes: true, output: 1 }]);
    const not = effect(reversible);
    const never = (n: number) => ({ in: 'reconciled', step: 'a', n, happened: false, by: 'x' }) as const;
    for (const n of [1, 2]) {
      not.take(fails('agent.failed', n));
      expect(types(not.take(never(n)))).toEqual(['effect.reconciled', 'timer.set']);
      const due = not.take({ in: 'timer', id: 'retry|a|x', letter: '' });
      expect(due.events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'x' });
    }
    // A failure like any other, once it is known: not tried there for ever.
    not.take(fails('agent.failed', 3));
    const elsewhere = not.take(never(3));
    expect(elsewhere.events.at(-1)).toMatchObject({ type: 'attempt.begun', why: 'elsewhere' });
    expect(elsewhere.events.at(-1)).not.toMatchObject({ agent: 'x' });
    const dumb = effect(reversible);
    dumb.take(fails('agent.lost'));
    expect(dumb.take({ in: 'reconciled', step: 'a', n: 1, happened: undefined, by: 'x' }).events).toMatchObject([
      { type: 'fault.escalated', to: 'person' },
    ]);
    expect(types(effect(mute).take(fails('agent.lost')))).toEqual(['effect.unknown', 'fault.escalated']);
  });

  test('a take-over makes it unknown, but the key and the pure are asked again', () => {
    const unknown = effect(reversible);
    expect(types(unknown.take(claim(2)))).toEqual(['run.claimed', 'effect.unknown']);
    expect(did(unknown.ask('a', { kind: 'effect' }))).toEqual(['reconcile']);
    const again = effect(keyed);
    again.take(claim(2));
    expect(again.ask('a', { kind: 'effect' }).commands).toMatchObject([{ do: 'askAgent', n: 1, key: 'r:a:h' }]);
    expect(types(again.take(fails('agent.refused')))).toEqual(['attempt.ended', 'timer.set']);
  });

  test('an answer that does not fit is a failure, but it happened: never again, and undone with the run', () => {
    const run = effect(reversible);
    run.take({ in: 'answer', step: 'a', n: 1, fault: faultToData(new Fault('output.invalid', 'no')) });
    expect(run.state.steps.get('a')?.out).toBe('failed');
    const end = run.take({ in: 'returned', fault: faultToData(new Fault('step.failed', 'x')), unasked: [] });
    expect(end.events.at(-1)).toMatchObject({ type: 'undo.begun', step: 'a' });
  });
});
