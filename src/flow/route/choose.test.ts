/** Given these candidates, who is asked, and why. */
import { describe, expect, test } from 'vitest';
import { candidates, given } from '../../../test/workloads/given.ts';
import type { Candidate, CandidatesInput, ChooseFacts, EventOf } from '../../model/index.ts';
import { weigh, weightsOf } from './choose.ts';

const EXPLOIT: ChooseFacts = { by: 'ucb', explore: 0 };

function found(step: string, choose: ChooseFacts, ...agents: Parameters<typeof candidates>): CandidatesInput {
  return { ...(candidates(...agents) as CandidatesInput), step, choose };
}

function begun(...[choose, spec, ...agents]: [ChooseFacts, object, ...Parameters<typeof candidates>]) {
  const run = given();
  const asked = run.ask('a', { spec: { skill: 's', ...spec } });
  expect(asked.commands).toEqual([{ do: 'findCandidates', skill: 's', step: 'a' }]);
  const { events } = run.take(found('a', choose, ...agents));
  expect(events.map((e) => e.type)).toEqual(['candidates.found', 'attempt.begun']);
  return events[1] as EventOf<'attempt.begun'>;
}

describe('the choice of a step', () => {
  test('who is believed best is asked, and the event says so', () => {
    const event = begun(EXPLOIT, {}, { agent: 'bad', quality: 0.2 }, { agent: 'good', quality: 0.9 });
    expect(event).toMatchObject({ agent: 'good', chosen: { by: 'learned', of: 2, score: 0.9 } });
    expect(event.chosen?.explored).toBeUndefined();
  });

  test('one of whom little is known is tried, and that is called exploring', () => {
    const agents = [
      { agent: 'good', quality: 0.9, unsure: 0.01 },
      { agent: 'new', quality: 0.6, unsure: 0.5 },
    ];
    const event = begun({ by: 'ucb', explore: 1 }, {}, ...agents);
    expect(event).toMatchObject({ agent: 'new', chosen: { explored: true } });
  });

  test('what a step prefers decides between dear and good, cheap, and fast', () => {
    const agents = [
      { agent: 'good', quality: 0.9, price: { money: 10 }, p50Ms: 1_000 },
      { agent: 'cheap', quality: 0.7, price: { money: 1 }, p50Ms: 1_000 },
      { agent: 'fast', quality: 0.6, price: { money: 9 }, p50Ms: 10 },
    ];
    expect(begun(EXPLOIT, { prefer: 'quality' }, ...agents).agent).toBe('good');
    expect(begun(EXPLOIT, { prefer: 'cost' }, ...agents).agent).toBe('cheap');
    expect(begun(EXPLOIT, { prefer: 'speed' }, ...agents).agent).toBe('fast');
    expect(begun(EXPLOIT, { prefer: { cost: 0, speed: 0 } }, ...agents).agent).toBe('good');
  });

  test('what calls have cost counts before what an agent says they cost', () => {
    const agents = [
      { agent: 'honest', quality: 0.8, price: { money: 5 }, money: 5 },
      { agent: 'underbids', quality: 0.8, price: { money: 1 }, money: 9 },
    ];
    expect(begun(EXPLOIT, { prefer: 'cost' }, ...agents).agent).toBe('honest');
  });

  test('a loaded agent is a slow one', () => {
    const agents = [
      { agent: 'a', quality: 0.8, p50Ms: 100, load: 40 },
      { agent: 'b', quality: 0.8, p50Ms: 200 },
    ];
    expect(begun(EXPLOIT, { prefer: 'speed' }, ...agents).agent).toBe('b');
  });

  test("a person's rule comes before what was learned, and is named", () => {
    const rules = [{ rule: 'local only', use: ['bad'] }];
    const event = begun({ ...EXPLOIT, rules }, {}, { agent: 'bad', quality: 0.1 }, { agent: 'good', quality: 0.9 });
    expect(event).toMatchObject({ agent: 'bad', chosen: { by: 'rule', rule: 'local only', of: 1 } });
  });

  test('whom a rule leaves out is not asked when the others fail: the cut set names the rule', () => {
    const run = given();
    run.ask('a', {});
    run.take(found('a', { ...EXPLOIT, rules: [{ rule: 'no b', avoid: ['b'] }] }, 'a', 'b'));
    const fault = { code: 'agent.failed' as const, retry: 'elsewhere' as const, message: 'broken' };
    const { events } = run.take({ in: 'answer', step: 'a', n: 1, fault });
    const escalated = events.find((e) => e.type === 'fault.escalated');
    expect(escalated?.cut).toContainEqual({ agent: 'b', why: "rule 'no b' avoids it" });
  });

  test('lookahead: whom nobody knows is tried where it may pay, and steps that are asked at once do not all try the same one', () => {
    const choose: ChooseFacts = { by: 'lookahead', explore: 500 };
    const good = { agent: 'good', quality: 0.9, unsure: 0.02 };
    const hopeless = { agent: 'hopeless', quality: 0.2, unsure: 0.03 };
    const fresh = ['n1', 'n2', 'n3'].map((agent) => ({ agent, quality: 0.65, unsure: 0.2 }));
    const asked = new Map<string, number>();
    for (let i = 0; i < 60; i++) {
      const run = given({ seed: `s${i}` });
      run.ask('a', {});
      const event = run.take(found('a', choose, good, hopeless, ...fresh)).events[1] as EventOf<'attempt.begun'>;
      asked.set(event.agent, (asked.get(event.agent) ?? 0) + 1);
      expect(event.chosen?.explored).toBe(event.agent === 'good' ? undefined : true);
    }
    expect(asked.get('hopeless')).toBeUndefined();
    for (const { agent } of fresh) expect(asked.get(agent)).toBeGreaterThan(5);
  });

  test('a choice draws from the seed of the run and its step: said twice it is the same, elsewhere another', () => {
    const agents = Array.from({ length: 8 }, (_, i) => ({ agent: `a${i}`, quality: 0.5, unsure: 0.3 }));
    const choose: ChooseFacts = { by: 'thompson', explore: 1 };
    const one = begun(choose, {}, ...agents);
    expect(begun(choose, {}, ...agents)).toEqual(one);
    const others = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const run = given({ seed: `s${i}` });
      run.ask('a', {});
      const [, event] = run.take(found('a', choose, ...agents)).events;
      others.add((event as EventOf<'attempt.begun'>).agent);
    }
    expect(others.size).toBeGreaterThan(2);
  });

  test('without a choice nothing is said of one', () => {
    const run = given();
    run.ask('a', {});
    const { events } = run.take(candidates('x'));
    expect(events[1]).toMatchObject({ type: 'attempt.begun', agent: 'x', chosen: undefined });
  });

  test('facts of one step begin no other; where there is a choice, each step asks for its own', () => {
    const run = given();
    run.ask('a', {});
    run.ask('b', {});
    const { events } = run.take(found('a', EXPLOIT, 'x'));
    expect(events.map((e) => ('step' in e ? e.step : ''))).toEqual(['a', 'a']);
    run.take({ ...(candidates('x', 'y') as CandidatesInput), choice: true });
    expect(run.ask('c', {}).commands).toEqual([{ do: 'findCandidates', skill: 's', step: 'c' }]);
  });
});

test('nothing that an agent says of itself but its price has a weight', () => {
  const plain: Candidate = { agent: 'a', effect: 'pure' };
  const boasting = { ...plain, agent: 'b', selfDeclaredQuality: 1, near: 1 } as Candidate;
  const [one, two] = weigh([plain, boasting], weightsOf(undefined), { by: 'ucb', explore: 1 }, () => 0);
  expect(one).toEqual(two);
});
