/** The bench judges itself: small numbers of everything must come out right, and what is planted must be found. */
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/flow/index.ts';
import { KINDS, randomGraph, variant } from '../../bench/heal/generate.ts';
import type { Scenario } from '../../bench/heal/graph.ts';
import { judge } from '../../bench/heal/judge.ts';
import { bestWay } from '../../bench/heal/oracle.ts';
import { play, type Planted } from '../../bench/heal/play.ts';
import { routeAndRun } from '../../bench/heal/router.ts';
import { listed } from '../../bench/heal/scenarios.ts';

const FEW = 12;

async function wrongsOf(scenario: Scenario, planted?: Planted): Promise<string[]> {
  return judge(scenario, await play(scenario, 1, planted)).wrongs;
}

describe.each([
  ['known before', true],
  ['found out under way', false],
] as const)('the 19, failures %s', (_, known) => {
  test.each(listed(known))('$name', async (scenario) => {
    const played = await play(scenario, 1);
    const { outcome, cost, cut } = scenario.expect!;
    expect(played.outcome).toBe(outcome);
    if (cost !== undefined) expect(played.cost).toBeCloseTo(cost);
    if (cut !== undefined) expect([...new Set(played.cut.map((c) => c.agent))].sort()).toEqual([...cut].sort());
    expect(judge(scenario, played).wrongs).toEqual([]);
    expect(bestWay(scenario)?.cost).toEqual(cost === undefined ? undefined : expect.closeTo(cost));
  });
});

test.each(KINDS.filter((kind) => kind !== 'deadlines'))('%s: nothing is held against a few of them', async (kind) => {
  for (let seed = 0; seed < FEW; seed++) expect(await wrongsOf(variant(kind, seed))).toEqual([]);
});

test('random graphs: nothing is held against a few of them', async () => {
  for (let seed = 0; seed < FEW; seed++) expect(await wrongsOf(randomGraph(seed))).toEqual([]);
});

describe('what is planted is found', () => {
  const trip: Scenario = {
    name: 'trip',
    graph: {
      any: [
        {
          seq: [
            { tool: 'hotel', cost: 1, effect: 'reversible' },
            { tool: 'car', cost: 1 },
          ],
        },
        {
          seq: [
            { tool: 'hostel', cost: 2, effect: 'reversible' },
            { tool: 'bus', cost: 2 },
          ],
        },
      ],
    },
    failures: [{ agent: 'car' }],
  };
  const shut: Scenario = { ...trip, failures: [{ agent: 'car' }, { agent: 'bus' }] };
  const changing =
    (change: (events: ReturnType<typeof decide>['events']) => ReturnType<typeof decide>['events']): typeof decide =>
    (state, input, at) => {
      const decision = decide(state, input, at);
      return { ...decision, events: change(decision.events) };
    };

  test('as it is, nothing is held against it', async () => {
    expect(await wrongsOf(trip)).toEqual([]);
    expect(await wrongsOf(shut)).toEqual([]);
  });

  test('an effect that is left behind', async () => {
    expect(await wrongsOf(trip, { undoLies: true })).toEqual(['orphaned: t0']);
  });

  test('a failure of which nothing is said', async () => {
    const silent = changing((events) => events.filter((e) => e.type !== 'fault.escalated'));
    expect(await wrongsOf(trip, { decide: silent })).toEqual(['silent: c0/t1']);
  });

  test('a cut set that proves nothing, and one that names more than it needs', async () => {
    const cutTo = (change: (cut: { agent: string; why: string }[]) => { agent: string; why: string }[]) =>
      changing((events) => events.map((e) => (e.type === 'fault.escalated' ? { ...e, cut: change(e.cut) } : e)));
    const [less] = await wrongsOf(shut, { decide: cutTo((cut) => cut.slice(1)) });
    expect(less).toMatch(/^the cut set is wrong/);
    const [more] = await wrongsOf(shut, { decide: cutTo((cut) => [...cut, { agent: 'hotel', why: 'x' }]) });
    expect(more).toMatch(/^the cut set is wrong/);
  });
});

test('the yardstick does what was published of it: with four of six down it gives up and says that it succeeded', () => {
  const any = ['a', 'b', 'c', 'd', 'e', 'f'].map((tool, i) => ({ tool, cost: i + 1 }));
  const failures = ['a', 'b', 'c', 'd'].map((agent) => ({ agent }));
  expect(routeAndRun({ name: 'six', graph: { any }, failures })).toMatchObject({ reported: 'success', whole: false });
});
