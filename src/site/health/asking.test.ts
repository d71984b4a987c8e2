/** What was decided is asked of health and rates once more when the call is to go out. */
import { expect, test } from 'vitest';
import { workflow } from '../../author/index.ts';
import { Fault } from '../../base/index.ts';
import { openTestSite, type TestSite } from '../../lab/testing/index.ts';
import { type Agent, functionAgent } from '../../ports/agent/index.ts';
import { replay } from '../replay.ts';

/** Whoever is cheaper comes first, whatever is learned. */
const CHEAP = { prefer: { quality: 0, cost: 1, speed: 0 } };
const MINUTE_MS = 60_000;

function agent(name: string, money: number, run: () => unknown, perMinute?: number): Agent {
  return { ...functionAgent(name, { skills: { think: { price: { money }, run } } }), limits: { perMinute } };
}

const wide = (n: number, retry: object) =>
  workflow('wide', async (run) =>
    run.map(
      'many',
      Array.from({ length: n }, (_, i) => i),
      { width: n, itemKey: String, join: 'settled' },
      async (i) => run.ask('think', i, { key: i, ...CHEAP, retry }),
    ),
  );

async function play(flow: ReturnType<typeof wide>, agentsOf: (clock: () => TestSite['clock']) => Agent[]) {
  const site: TestSite = await openTestSite({ workflows: [flow], agents: agentsOf(() => site.clock) });
  const { output, run } = await site.run(flow, null, { mostMs: 3_600_000 });
  const events = await site.events(run);
  expect(await replay(site.site.store, run)).toMatchObject({ equal: true });
  await site.stop();
  const ended = events.filter((event) => event.type === 'attempt.ended');
  return { values: (output as { value: unknown }[]).map((one) => one.value), ended };
}

test('a breaker holds for tries again, too: they go elsewhere, and that is no failure of who was not asked', async () => {
  let calls = 0;
  const { values, ended } = await play(wide(10, { tries: 4 }), () => [
    agent('bad', 0.1, () => {
      calls++;
      throw new Fault('agent.failed', 'down', { retry: 'same' });
    }),
    agent('good', 1, () => 'good'),
  ]);
  expect(values).toEqual(Array(10).fill('good'));
  expect(calls).toBe(5);
  expect(ended.find((end) => end.unasked === 'unhealthy')?.fault).toMatchObject({
    code: 'agent.busy',
    afterMs: expect.any(Number),
  });
});

test('half-open lets one through; where nobody else is, the others come back when it is well', async () => {
  const at: number[] = [];
  const { values } = await play(wide(10, { tries: 4 }), (clock) => [
    agent('only', 0.1, () => {
      at.push(clock().nowMs());
      if (at.length <= 5) throw new Fault('agent.failed', 'down', { retry: 'same' });
      return new Promise((resolve) => clock().after(50, () => resolve('well')));
    }),
  ]);
  expect(values).toEqual(Array(10).fill('well'));
  expect(at).toHaveLength(15);
  expect(at[5]! - at[4]!).toBeGreaterThanOrEqual(1_000);
  // The one that tries is alone until it has answered.
  expect(at[6]! - at[5]!).toBeGreaterThanOrEqual(50);
});

test('calls a minute: whoever is free is asked instead', async () => {
  const { values } = await play(wide(10, { tries: 1 }), () => [
    agent('limited', 0.1, () => 'limited', 2),
    agent('free', 1, () => 'free'),
  ]);
  expect(values.filter((value) => value === 'limited')).toHaveLength(2);
  expect(values.filter((value) => value === 'free')).toHaveLength(8);
});

test('calls a minute: of one agent alone all are made, never more in a minute, and waiting is no try', async () => {
  const at: number[] = [];
  const { values } = await play(wide(7, { tries: 1 }), (clock) => [
    agent(
      'only',
      0.1,
      () => {
        at.push(clock().nowMs());
        return 'done';
      },
      2,
    ),
  ]);
  expect(values).toEqual(Array(7).fill('done'));
  for (const [i, ms] of at.entries()) if (i >= 2) expect(ms - at[i - 2]!).toBeGreaterThanOrEqual(MINUTE_MS);
});

test('calls a minute: two such agents side by side share the work, each within its own minute', async () => {
  const at: Record<string, number[]> = { a: [], b: [] };
  const { values } = await play(wide(11, { tries: 1 }), (clock) =>
    ['a', 'b'].map((name, i) =>
      agent(
        name,
        i + 0.1,
        () => {
          at[name]!.push(clock().nowMs());
          return name;
        },
        i + 2,
      ),
    ),
  );
  expect(values).toHaveLength(11);
  expect(at['a']!.length + at['b']!.length).toBe(11);
  for (const [name, most] of [
    ['a', 2],
    ['b', 3],
  ] as const) {
    expect(at[name]!.length).toBeGreaterThanOrEqual(most);
    for (const [i, ms] of at[name]!.entries())
      if (i >= most) expect(ms - at[name]![i - most]!).toBeGreaterThanOrEqual(MINUTE_MS);
  }
});
