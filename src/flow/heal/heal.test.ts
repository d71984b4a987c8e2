/** The ladder: the same again, elsewhere, a lesser goal, the end with its cut set. */
import { describe, expect, test } from 'vitest';
import { Fault, type FaultCode, type FaultOptions, faultToData } from '../../base/index.ts';
import type { Input } from '../../model/index.ts';
import { candidates, given, types } from '../../../test/workloads/given.ts';

const fails = (code: FaultCode, n: number, options?: FaultOptions): Input => ({
  in: 'answer',
  step: 'a',
  n,
  fault: faultToData(new Fault(code, `no ${n}`, options)),
});

test('same: with a wait that grows, is no shorter than asked for, and is the same at every replay', () => {
  const waits = [1, 2].map(() => {
    const run = given();
    run.ask('a', { spec: { skill: 's', retry: { tries: 3, firstMs: 100, factor: 2 } } });
    run.take(candidates('x', 'y'));
    return [1, 2, 3].map((n) => {
      const failed = run.take(fails('agent.busy', n, n === 2 ? { afterMs: 5_000 } : {}));
      const [timer] = failed.send;
      if (timer === undefined) return failed.events.at(-1);
      run.take({ in: 'timer', id: 'retry|a|x', letter: '' });
      return timer.dueMs - failed.at;
    });
  });
  expect(waits[0]).toEqual(waits[1]);
  const [first, second, third] = waits[0]!;
  expect(first).toBeGreaterThanOrEqual(50);
  expect(first).toBeLessThanOrEqual(100);
  expect(second).toBe(5_000);
  // The tries at x are over: y is asked.
  expect(third).toMatchObject({ type: 'attempt.begun', agent: 'y', why: 'elsewhere' });
});

test('elsewhere: each that is eligible, once, the best first; then the cut set names them all', () => {
  const run = given();
  run.ask('a', {});
  run.take(candidates({ agent: 'x', score: 1 }, { agent: 'y', score: 2 }, { agent: 'z', healthy: false }));
  expect(run.state.steps.get('a')?.attempts?.[0]?.agent).toBe('y');
  expect(run.take(fails('agent.failed', 1)).events.at(-1)).toMatchObject({ agent: 'x', why: 'elsewhere' });
  const end = run.take(fails('agent.failed', 2));
  expect(types(end)).toEqual(['attempt.ended', 'fault.escalated', 'step.settled']);
  expect(end.events.at(-1)).toMatchObject({
    out: 'failed',
    fault: { code: 'no-way-left', detail: { cut: [{ agent: 'x' }, { agent: 'y' }, { agent: 'z', why: 'unhealthy' }] } },
  });
});

test('never: a fault that says so ends the step at once, but a lesser goal is still tried', () => {
  const run = given();
  run.ask('a', {});
  run.take(candidates('x', 'y'));
  expect(types(run.take(fails('agent.refused', 1)))).toEqual(['attempt.ended', 'fault.escalated', 'step.settled']);
  const lesser = given();
  lesser.ask('a', { spec: { skill: 's', lesser: [{ skill: 'less' }] } });
  lesser.take(candidates('x'));
  expect(types(lesser.take(fails('agent.refused', 1)))).toEqual(['attempt.ended', 'step.demoted']);
  lesser.take({ in: 'candidates', skill: 'less', position: 1, candidates: [{ agent: 'y', effect: 'pure' }] });
  const done = lesser.take({ in: 'answer', step: 'a', n: 2, data: 'less' });
  expect(done.events).toMatchObject([
    { type: 'attempt.ended' },
    { type: 'fault.healed', by: 'lesser' },
    { type: 'step.settled', lesser: 0 },
  ]);
});

test('a lesser goal of the same agents: what is found for it is news, though it says the same', () => {
  const run = given();
  run.ask('a', { spec: { skill: 's', lesser: [{ skill: 'less' }] } });
  const same = [{ agent: 'x', effect: 'pure' as const }];
  run.take({ in: 'candidates', skill: 's', step: 'a', position: 1, candidates: same });
  const demoted = run.take(fails('agent.refused', 1));
  expect(demoted.commands).toMatchObject([{ do: 'findCandidates', skill: 'less', step: 'a' }]);
  const found = run.take({ in: 'candidates', skill: 'less', step: 'a', position: 1, candidates: same });
  expect(types(found)).toEqual(['candidates.found', 'attempt.begun']);
  expect(found.events.at(-1)).toMatchObject({ agent: 'x' });
});

test('nobody has the skill: said so, not waited for', () => {
  const run = given();
  run.ask('a', {});
  expect(run.take(candidates()).events.at(-1)).toMatchObject({ out: 'failed', fault: { code: 'agent.none' } });
});

test("when the step's own time is over, nothing is tried again", () => {
  const run = given();
  run.ask('a', { spec: { skill: 's', deadlineMs: 10 } });
  run.take(candidates('x', 'y'));
  expect(types(run.take(fails('agent.failed', 1), 20))).toEqual(['attempt.ended', 'fault.escalated', 'step.settled']);
});

test('healed, and by what: the journal says it', () => {
  const run = given();
  run.ask('a', {});
  run.take(candidates('x', 'y'));
  run.take(fails('agent.failed', 1), 5);
  const healed = run.take({ in: 'answer', step: 'a', n: 2, data: 1 }, 7);
  expect(healed.events[1]).toMatchObject({ type: 'fault.healed', by: 'elsewhere', tries: 2, tookMs: 7 });
});

test("an agent's question: the step waits for a person, the same agent is asked anew with the answer, and a circle ends", () => {
  const asks = (n: number, key: string): Input =>
    fails('input.required', n, { detail: { question: { key, message: 'who?' } } });
  const run = given();
  run.ask('a', {});
  run.take(candidates({ agent: 'x', score: 2 }, { agent: 'y', score: 1 }));
  const asked = run.take(asks(1, 'k1'));
  expect(types(asked)).toEqual(['attempt.ended', 'fault.escalated']);
  expect(asked).toMatchObject({ barrier: true, commands: [] });
  const word = (id: string, data: Record<string, string>): Input => {
    return { in: 'gate', step: 'a', choice: 'edit', by: { id: 'me', rights: ['*'] }, letter: '', id, data };
  };
  const again = run.take(word('g1', { name: 'Ann' }));
  expect(types(again)).toEqual(['gate.answered', 'attempt.begun']);
  expect(again.commands).toMatchObject([{ do: 'askAgent', agent: 'x', answers: { k1: { name: 'Ann' } } }]);
  let n = 2;
  for (; run.take(asks(n, `k${n}`)).events.at(-1)?.type === 'fault.escalated' && n < 50; n++) {
    if (run.state.steps.get('a')?.settledSeq !== 0) break;
    run.take(word(`g${n}`, {}));
  }
  expect(n).toBe(17);
  expect(run.state.steps.get('a')).toMatchObject({ out: 'failed', fault: { code: 'input.required' } });
});

test('what failed, and then has no money for another try, is told too: only the first engine was silent', () => {
  const broke = (engine: string): string[] => {
    const run = given({ engine, budget: { money: 1 } });
    run.ask('a', {});
    const price = { money: 1 };
    run.take(candidates({ agent: 'x', price }, { agent: 'y', price }));
    return types(run.take({ ...fails('agent.failed', 1), cost: { money: 1 } } as Input));
  };
  expect(broke('skein/2')).toEqual(['attempt.ended', 'fault.escalated', 'step.settled']);
  expect(broke('skein/1')).toEqual(['attempt.ended', 'step.settled']);
});

describe('more than were shown', () => {
  const some = (more: number | undefined, ...agents: Parameters<typeof candidates>): Input =>
    Object.assign(candidates(...agents), { step: 'a', choose: { by: 'ucb', explore: 0 }, more });
  const commands = (decision: { commands: readonly { do: string }[] }): string[] => decision.commands.map((c) => c.do);

  test('when those shown are used up, others are looked for before the ladder goes on', () => {
    const run = given();
    run.ask('a', { spec: { skill: 's', lesser: [{ skill: 'less' }] } });
    run.take(some(1, 'x'));
    const used = run.take(fails('agent.failed', 1, { retry: 'elsewhere' }));
    expect(types(used)).toEqual(['attempt.ended']);
    expect(used.commands).toMatchObject([{ do: 'findCandidates', skill: 's', step: 'a' }]);
    const found = run.take(some(undefined, 'y'));
    expect(found.events.at(-1)).toMatchObject({ type: 'attempt.begun', agent: 'y', why: 'elsewhere' });
    expect(types(run.take(fails('agent.failed', 2, { retry: 'elsewhere' })))).toContain('step.demoted');
  });

  test('who was tried and is not shown again has its name in the cut set', () => {
    const run = given();
    run.ask('a', {});
    run.take(some(1, 'x'));
    run.take(fails('agent.failed', 1, { retry: 'elsewhere' }));
    run.take(
      Object.assign(some(undefined, 'y'), { refused: { 'failed: agent.failed': 1, "may not see 'secret'": 2 } }),
    );
    const end = run.take(fails('agent.failed', 2, { retry: 'elsewhere' }));
    expect(end.events.find((event) => event.type === 'fault.escalated')).toMatchObject({
      cut: [
        { agent: 'y', why: 'failed: agent.failed' },
        { agent: 'x', why: 'failed: agent.failed' },
        { agent: '', why: "2 may not see 'secret'" },
      ],
    });
  });

  test('they are looked for once for each try, and without more none are', () => {
    const run = given();
    run.ask('a', {});
    run.take(some(1, 'x', { agent: 'y', healthy: false }));
    expect(commands(run.take(fails('agent.failed', 1, { retry: 'elsewhere' })))).toEqual(['findCandidates']);
    // The one that is left is unwell too: the same is told again.
    const same = run.take(some(1, 'x', { agent: 'y', healthy: false }));
    expect(types(same)).toEqual(['candidates.found', 'fault.escalated', 'step.settled']);
    const none = given();
    none.ask('a', {});
    none.take(some(undefined, 'x'));
    expect(types(none.take(fails('agent.failed', 1, { retry: 'elsewhere' })))).toContain('step.settled');
  });
});
