/** What every protocol keeps, and what each is for. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../base/index.ts';
import type { AgreeSpec, Equality, Member, TrustFigures } from '../../model/index.ts';
import {
  ahead,
  type Heard,
  auto,
  chanceRight,
  deliberate,
  leastLead,
  pairsOf,
  type Panel,
  protocolNamed,
  protocolNames,
  ranked,
  weighted,
} from './index.ts';

const known = (p: number, more: Partial<TrustFigures> = {}): TrustFigures => ({ p, low: p - 0.05, n: 100, ...more });
const member = (agent: string, trust?: TrustFigures, price?: number): Member => ({ agent, trust, price });

function panelOf(members: Member[], judges: Member[] = [], equal: Equality = { by: 'exact' }): Panel {
  return { members, judges, equal };
}

/** Everybody says what the table says; judges like the answer that is `best`. */
function run(by: string, spec: Partial<AgreeSpec>, panel: Panel, says: Record<string, Json | undefined>, best?: Json) {
  const outputs: Json[] = [];
  return deliberate(protocolNamed(by)!, { by, ...spec }, panel, (i, ask): Heard => {
    if (ask.kind === 'answer') {
      const output = says[ask.agent];
      outputs[i] = output ?? null;
      return output === undefined ? { lost: 'agent.failed' } : { output };
    }
    const shown = (ask.about ?? []).map((n) => outputs[n]!);
    const honest = !ask.agent.startsWith('liar');
    if (ask.kind === 'grade') return { output: { good: true } };
    const first = shown[0] === best ? honest : shown[1] === best ? !honest : true;
    return { output: { winner: first ? 'a' : 'b' } };
  });
}

const chosen = (talk: ReturnType<typeof run>): Json | undefined => {
  const { end, replies } = talk;
  return end?.move === 'verdict' ? replies.find((r) => r.ask === end.verdict.chosen)?.output : undefined;
};

const answers = fc.array(fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined }), { minLength: 1, maxLength: 9 });
const judges = ['j1', 'j2', 'j3'].map((agent) => member(agent, known(0.8)));

describe.each(protocolNames())('%s', (by) => {
  test('comes to an end, chooses only what somebody said, and never counts a non-vote', () => {
    fc.assert(
      fc.property(
        answers,
        fc.array(fc.double({ min: 0.1, max: 0.95, noNaN: true }), { minLength: 9, maxLength: 9 }),
        (said, ps) => {
          const members = said.map((_, i) => member(`m${i}`, known(ps[i]!)));
          const says = Object.fromEntries(said.map((s, i) => [`m${i}`, s]));
          const talk = run(by, {}, panelOf(members, judges), says, 'x');
          expect(talk.end).toBeDefined();
          const { verdict } = talk.end!;
          const answer = chosen(talk);
          if (talk.end!.move === 'verdict') expect(said).toContain(answer);
          for (const vote of verdict.votes)
            if (talk.replies[vote.ask]!.lost !== undefined) expect(vote).toMatchObject({ for: false, weight: 0 });
          if (verdict.belief !== undefined) {
            expect(verdict.belief).toBeGreaterThan(0);
            expect(verdict.belief).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('is the same again from any prefix: it waits for whole rounds', () => {
    const members = ['a', 'b', 'c', 'd'].map((agent) => member(agent, known(0.7)));
    const says: Record<string, Json> = { a: 1, b: 2, c: 1, d: 2 };
    const whole = run(by, {}, panelOf(members, judges), says, 1);
    for (let known = 0; known < whole.asks.length; known++) {
      const partly = deliberate(protocolNamed(by)!, { by }, panelOf(members, judges), (i) =>
        i < known ? { output: whole.replies[i]!.output, lost: whole.replies[i]!.lost } : undefined,
      );
      expect(partly.asks).toEqual(whole.asks.slice(0, partly.asks.length));
      expect(partly.end).toBeUndefined();
    }
  });
});

describe('weighted', () => {
  test('one that is known to be right outweighs two that are mostly wrong', () => {
    const members = [member('good', known(0.95)), member('poor', known(0.3)), member('bad', known(0.3))];
    expect(chosen(run('weighted', {}, panelOf(members), { good: 'x', poor: 'y', bad: 'y' }))).toBe('x');
    expect(chosen(run('majority', {}, panelOf(members), { good: 'x', poor: 'y', bad: 'y' }))).toBe('y');
  });

  test('copies under many names weigh like few', () => {
    const honest = ['a', 'b', 'c'].map((agent) => member(agent, known(0.7)));
    const clones = Array.from({ length: 20 }, (_, i) => member(`k${i}`, known(0.7, { cluster: 'k', rho: 1 })));
    const says = Object.fromEntries([...honest.map((m) => [m.agent, 'x']), ...clones.map((m) => [m.agent, 'y'])]);
    expect(chosen(run('weighted', {}, panelOf([...honest, ...clones]), says))).toBe('x');
  });

  test('a verdict that is not sure enough is none', () => {
    const members = [member('a', known(0.6)), member('b', known(0.55))];
    const talk = run('weighted', { sure: 0.95 }, panelOf(members), { a: 'x', b: 'y' });
    expect(talk.end).toMatchObject({ move: 'escalation', verdict: { chosen: 0 } });
    expect(weighted.about).toContain('sure');
  });
});

test('a majority is believed as the records of those who said it, and not at all where nothing is known', () => {
  const beliefOf = (talk: ReturnType<typeof run>) => (talk.end as { verdict: { belief?: number } }).verdict.belief;
  const says = { a: 1, b: 1, c: 2 };
  expect(beliefOf(run('majority', {}, panelOf(['a', 'b', 'c'].map((agent) => member(agent))), says))).toBeUndefined();
  const weights = { a: 0.3, b: 0.2, c: 1.5 };
  const members = Object.entries(weights).map(([agent, weight]) => member(agent, known(0.6, { weight, unsaid: -9 })));
  const talk = run('majority', {}, panelOf(members), says);
  expect(chosen(talk)).toBe(1);
  expect(beliefOf(talk)).toBeCloseTo(1 / (1 + Math.exp(1)), 2);
});

test('a cluster of any size weighs no more for one answer than one identity may, however it was fitted', () => {
  const clones = Array.from({ length: 20 }, (_, i) =>
    member(`k${i}`, known(0.7, { weight: 1.2, cluster: 'k0', rho: 1, unsaid: -9 })),
  );
  const honest = [member('h1', known(0.9, { weight: 3 })), member('h2', known(0.9, { weight: 3 }))];
  const says = Object.fromEntries([...clones.map(({ agent }) => [agent, 'k']), ['h1', 'h'], ['h2', 'h']]) as Record<
    string,
    Json
  >;
  expect(chosen(run('weighted', {}, panelOf([...clones, ...honest]), says))).toBe('h');
});

describe('ahead', () => {
  test('needs the lead that the formula gives', () => {
    expect(leastLead(1 - 0.0022, 1_048_575, 0.95)).toBe(3);
    expect(leastLead(1 - 0.0358, 1_048_575, 0.9)).toBe(5);
    expect(chanceRight(0.9978, 3)).toBeGreaterThan(1 - 1.2e-8);
    expect(leastLead(0.9, 100, 0.99, 0.5)).toBeGreaterThan(leastLead(0.9, 100, 0.99));
  });

  test('asks no more than the leader lacks, and discards what is lost', () => {
    const members = ['a', 'b', 'c', 'd', 'e'].map((agent) => member(agent));
    const says: Record<string, Json | undefined> = { a: 1, b: 1, c: 2, d: undefined, e: 1 };
    const talk = run('ahead', { k: 3 }, panelOf(members), says);
    // Three, then two more for the lead that is lacked, one of which is lost, then one.
    expect(talk.end).toMatchObject({ move: 'verdict' });
    expect(chosen(talk)).toBe(1);
    expect(ahead.panel).toBe('all');
  });

  test('gives up when nobody leads', () => {
    const talk = run('ahead', { k: 2, most: 10 }, panelOf([member('a'), member('b')]), { a: 1, b: 2 });
    expect(talk.end).toMatchObject({ move: 'escalation' });
    expect(talk.asks.length).toBe(10);
  });

  test('believes no more of a lead among the weak than their records say, however often they are asked', () => {
    const weak = ['a', 'b', 'c', 'd'].map((agent) =>
      member(agent, known(0.35, { weight: 0.2, unsaid: 0, collide: 0.4 })),
    );
    const talk = run('ahead', { k: 12 }, panelOf(weak), { a: 1, b: 1, c: 1, d: 1 });
    expect(talk.asks).toHaveLength(12);
    const { belief } = (talk.end as { verdict: { belief: number } }).verdict;
    // Four votes of .2 each, not twelve.
    expect(belief).toBeCloseTo(Math.exp(0.8) / (1 + Math.exp(0.8)));
    const asked = run('ahead', {}, panelOf(weak), { a: 1, b: 1, c: 1, d: 1 });
    expect(asked.asks.length).toBeLessThan(weak.length);
  });

  test('one that says two things has one vote between them', () => {
    const two = [member('a', known(0.8, { weight: 1 })), member('b', known(0.7, { weight: 0.6 }))];
    let turn = 0;
    const talk = deliberate(protocolNamed('ahead')!, { by: 'ahead', k: 2 }, panelOf(two), (_, { agent }) =>
      agent === 'a' ? { output: turn++ === 0 ? 'x' : 'y' } : { output: 'y' },
    );
    // b: y; a: x and y.
    const { belief } = (talk.end as { verdict: { belief: number } }).verdict;
    expect(belief).toBeCloseTo(Math.exp(1.1) / (Math.exp(1.1) + Math.exp(0.5) + 1));
  });

  test('a lead of a billion is refused before it fills the memory', () => {
    const talk = run('ahead', { k: 1e9 }, panelOf([member('a'), member('b')]), { a: 1, b: 1 });
    expect(talk.end).toMatchObject({ move: 'escalation', why: 'it wants more than 512 asks' });
    expect(talk.asks).toHaveLength(0);
  });
});

describe('ranked', () => {
  test('judges who are known to be wrong are turned around', () => {
    const members = ['a', 'b', 'c'].map((agent) => member(agent));
    const liars = [member('liar1', known(0.1)), member('liar2', known(0.15)), member('j', known(0.7))];
    expect(chosen(run('ranked', {}, panelOf(members, liars), { a: 'x', b: 'y', c: 'z' }, 'y'))).toBe('y');
    expect(ranked.judged).toBe(true);
  });

  test('where anybody was examined at judging, who never was does not judge', () => {
    const members = ['a', 'b', 'c'].map((agent) => member(agent));
    const talk = run('ranked', {}, panelOf(members, [member('new'), member('j', known(0.8))]), { a: 1, b: 2, c: 3 }, 2);
    expect(new Set(talk.asks.filter((a) => a.kind !== 'answer').map((a) => a.agent))).toEqual(new Set(['j']));
    const none = run('ranked', {}, panelOf(members, [member('new'), member('j')]), { a: 1, b: 2, c: 3 }, 2);
    expect(new Set(none.asks.map((a) => a.agent))).toContain('new');
  });

  test('nobody judges what is its own', () => {
    const both = ['a', 'b', 'c', 'd'].map((agent) => member(agent, known(0.8)));
    const talk = run('ranked', {}, panelOf(both, both), { a: 1, b: 2, c: 3, d: 4 }, 1);
    for (const ask of talk.asks.filter((a) => a.kind !== 'answer'))
      expect(ask.about!.map((i) => talk.asks[i]!.agent)).not.toContain(ask.agent);
  });

  test('about three pairs an answer, each once', () => {
    for (const n of [3, 5, 9, 16]) {
      const pairs = pairsOf(n, 3);
      expect(new Set(pairs.map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`)).size).toBe(pairs.length);
      expect(pairs.length).toBeLessThanOrEqual(3 * n);
      expect(new Set(pairs.flat()).size).toBe(n);
    }
  });
});

describe('cascade and auto', () => {
  test('the dear are asked only while the cheap are not believed', () => {
    const members = [
      member('c1', known(0.8), 1),
      member('c2', known(0.8), 1),
      member('c3', known(0.8), 1),
      member('dear', known(0.95), 30),
    ];
    const agree = run('cascade', {}, panelOf(members), { c1: 'x', c2: 'x', c3: 'x', dear: 'y' });
    expect(agree.asks.map((a) => a.agent)).not.toContain('dear');
    const split = run('cascade', {}, panelOf(members), { c1: 'x', c2: 'y', c3: 'z', dear: 'y' });
    expect(split.asks.map((a) => a.agent)).toContain('dear');
    expect(chosen(split)).toBe('y');
  });

  test('one agent, when the others together could not outvote it; many when they could', () => {
    const one = [
      member('top', known(0.95, { weight: 3 })),
      member('b', known(0.6, { weight: 0.6 })),
      member('c', known(0.6, { weight: 0.6 })),
    ];
    const talk = run('auto', {}, panelOf(one), { top: 'x', b: 'y', c: 'y' });
    expect(talk.asks).toHaveLength(1);
    expect(talk.end).toMatchObject({ verdict: { why: expect.stringMatching(/^best/) as string } });
    const many = ['a', 'b', 'c', 'd'].map((agent) => member(agent, known(0.7, { weight: 1 })));
    expect(run('auto', {}, panelOf(many), { a: 1, b: 1, c: 2, d: 1 }).asks).toHaveLength(4);
    expect(auto.about).toContain('often one agent');
  });
});

test('what is equal: text, numbers, sets, objects by their schema', () => {
  const members = [member('a'), member('b'), member('c')];
  const by = (equal: Equality, says: Record<string, Json>) =>
    run('majority', {}, panelOf(members, [], equal), says).end?.move;
  expect(by({ by: 'exact' }, { a: 'Paris', b: ' paris.', c: 'Rome' })).toBe('escalation');
  expect(by({ by: 'text' }, { a: 'Paris', b: ' paris.', c: 'Rome' })).toBe('verdict');
  expect(by({ by: 'number', tolerance: 0.01 }, { a: 10, b: 10.05, c: 12 })).toBe('verdict');
  // A decimal comma is not one between thousands.
  expect(by({ by: 'number' }, { a: '1,234', b: 1234, c: 2 })).toBe('verdict');
  expect(by({ by: 'number' }, { a: '1,5', b: 15, c: 1.5 })).toBe('escalation');
  expect(by({ by: 'set' }, { a: [1, 2], b: [2, 1, 1], c: [3] })).toBe('verdict');
  const schema = { type: 'object', properties: { city: { type: 'string' } } };
  expect(by({ by: 'json', schema }, { a: { city: 'Rome', note: 1 }, b: { city: 'ROME' }, c: { city: 'Oslo' } })).toBe(
    'verdict',
  );
  const sums = { type: 'object', properties: { sum: { type: 'number' }, n: { type: 'integer' } } };
  expect(by({ by: 'json', schema: sums }, { a: { sum: 0.1 + 0.2, n: 1 }, b: { sum: 0.3, n: 1 }, c: { sum: 2 } })).toBe(
    'verdict',
  );
  expect(by({ by: 'json', schema: sums }, { a: { sum: 0.3, n: 1 }, b: { sum: 0.3, n: 2 }, c: { sum: 2 } })).toBe(
    'escalation',
  );
});
