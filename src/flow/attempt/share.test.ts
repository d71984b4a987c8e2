/** A deadline is shared with who may be asked next. */
import { describe, expect, test } from 'vitest';
import { candidates, given, type Given } from '../../../test/workloads/given.ts';
import { deadlineOf, type Plan, type PlanBody, type PlanStep, startDeciding } from '../../model/index.ts';
import { shareMs } from './share.ts';

interface Fact {
  agent: string;
  p95Ms?: number;
  effect?: string;
}

function timeoutOf(deadlineMs: number | undefined, facts: Fact[], timeoutMs?: number): number {
  const run = given();
  const spec = { skill: 's', ...(deadlineMs && { deadlineMs }), ...(timeoutMs && { timeoutMs }) };
  run.ask('a', { spec });
  const [call] = run.take(candidates(...facts.map((one) => ({ ...one }))), 0).commands;
  if (call?.do !== 'askAgent') throw new Error('nobody was asked');
  return call.timeoutMs;
}

const two = [
  { agent: 'x', p95Ms: 300 },
  { agent: 'y', p95Ms: 200 },
];

describe('what one call may take', () => {
  test('what is left is shared by p95 with the next agent', () => {
    expect(timeoutOf(1_000, two)).toBe(600);
    expect(timeoutOf(500, two)).toBe(300);
    expect(timeoutOf(1_000, two, 400)).toBe(400);
  });

  test('not where the first would have less than its own, nor where nothing is measured or nobody is left', () => {
    const all = timeoutOf(undefined, two);
    expect(timeoutOf(400, two)).toBe(all);
    expect(timeoutOf(1_000, [two[0]!])).toBe(all);
    expect(timeoutOf(1_000, [{ agent: 'x' }, two[1]!])).toBe(all);
    expect(timeoutOf(1_000, [two[0]!, { agent: 'y' }])).toBe(all);
  });

  test('an effect is not cut short: it would be unknown', () => {
    const effects = two.map((one) => Object.assign({ effect: 'idempotent', keyed: true }, one));
    expect(timeoutOf(1_000, effects)).toBe(timeoutOf(undefined, effects));
  });
});

describe('what is ahead has its share', () => {
  const edge = (step: string) => [{ step, when: 'success' as const }];
  const step = (name: string, after?: string, more: object = {}): PlanStep => ({
    name,
    kind: 'ask',
    spec: { skill: name, ...more },
    ...(after !== undefined && { after: edge(after) }),
  });
  /** Seconds of each skill; the run's deadline is ten seconds off. */
  function planned(steps: PlanStep[], p95: Record<string, number[]>, deadlineMs = 11_000): Given {
    const run = given({
      plan: { hash: 'p', plan: { name: 'w', steps } as Plan },
      ...(deadlineMs > 0 && { deadlineMs }),
    });
    for (const [skill, all] of Object.entries(p95).toReversed()) {
      const list = all.map((ms, i) => ({ agent: `${skill}${i}`, effect: 'pure' as const, p95Ms: ms }));
      run.take({ in: 'candidates', skill, position: 1, candidates: list }, 0);
    }
    return run;
  }
  function shareIn(run: Given, id = 'a'): number | undefined {
    const at = run.state.steps.get(id)!;
    return shareMs(Object.assign({}, startDeciding(run.state, 1_000, 'answer')), at, at.attempts!.at(-1)!);
  }

  test('a chain: each by its p95', () => {
    const chain = [step('a'), step('b', 'a'), step('c', 'b')];
    expect(shareIn(planned(chain, { a: [1_000], b: [3_000], c: [1_000] }))).toBe(2_000);
    // Of several agents the quickest; and the next agent for the same step counts too.
    expect(shareIn(planned(chain, { a: [1_000, 1_000], b: [9_000, 2_000], c: [1_000] }))).toBe(2_000);
    // The next agent's share goes first; then nobody is cut short.
    expect(shareIn(planned(chain, { a: [4_000, 4_000], b: [2_000], c: [2_000] }))).toBe(5_000);
    expect(shareIn(planned(chain, { a: [6_000], b: [3_000], c: [3_000] }))).toBeUndefined();
    expect(shareIn(planned(chain, { a: [1_000], b: [3_000], c: [1_000] }, 0))).toBeUndefined();
  });

  test('the longest path counts, a wait as long as it is, a declared way as long as its steps', () => {
    const fork = [step('a'), step('b', 'a'), step('c', 'a')];
    expect(shareIn(planned(fork, { a: [1_000], b: [4_000], c: [1_000] }))).toBe(2_000);
    const waits: PlanStep[] = [step('a'), { name: 'w', kind: 'wait', spec: { waitMs: 4_000 }, after: edge('a') }];
    expect(shareIn(planned(waits, { a: [1_000] }))).toBe(2_000);
    const body = { steps: [step('x'), step('y', 'x')] } as PlanBody;
    const way = step('b', 'a', { alternatives: [{ body }] });
    expect(shareIn(planned([step('a'), way], { a: [1_000], b: [8_000], x: [2_000], y: [2_000] }))).toBe(2_000);
  });

  test('figures of those ahead are asked for with the first, and a deadline around binds what is inside', () => {
    const run = given({
      plan: { hash: 'p', plan: { name: 'w', steps: [step('a'), step('b', 'a')] } as Plan },
      deadlineMs: 11_000,
    });
    const claimed = run.take({ in: 'claim', worker: 'w2', epoch: 2 });
    expect(claimed.commands.filter((one) => one.do === 'findCandidates').map((one) => one.skill)).toEqual(['b', 'a']);
    const each: PlanStep[] = [
      {
        name: 'm',
        kind: 'map',
        spec: { deadlineMs: 5_000 },
        over: '[1, 2]',
        key: 'string(item)',
        body: { steps: [step('a'), step('b', 'a')] },
      },
      step('c', 'm'),
    ];
    const inside = planned(each, { a: [1_000], b: [1_000], c: [1_000] });
    const id = [...inside.state.open].find((one) => one.endsWith('/a'))!;
    expect(shareIn(inside, id)).toBe(2_500);
    expect(deadlineOf(inside.state, inside.state.steps.get(id)!)).toBeLessThan(6_100);
  });
});
