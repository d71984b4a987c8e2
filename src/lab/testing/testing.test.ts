import { expect, test } from 'vitest';
import { workflow } from '../../author/index.ts';
import { crashEverywhere, openTestSite, seededAgent, type TestWorld } from './index.ts';
import type { Clock, Json } from '../../base/index.ts';

const DAY_MS = 86_400_000;

const order = workflow('order', async (run, items: string[]) => {
  const prices = await run.map('price', items, { itemKey: (item) => item }, (item, inner) =>
    inner.ask<number>('quote', item),
  );
  const sum = prices.reduce((a, b) => a + b, 0);
  await run.gate('may', { show: sum });
  await run.wait('cool off', { ms: 3 * DAY_MS });
  const note = await run.signal<string>('delivered');
  return { sum, paid: await run.effect('pay', sum), note };
});

function world(clock: Clock, keyed = true): TestWorld & { paid: Map<string, number> } {
  const paid = new Map<string, number>();
  const quotes = {
    answer: (item: Json) => (item as string).length,
    fails: 0.2,
    busy: 0.2,
    latencyMs: [5, 90] as const,
  };
  return {
    paid,
    agents: [
      seededAgent('ann', { seed: 1, clock, skills: { quote: quotes } }),
      seededAgent('bob', { seed: 1, clock, skills: { quote: quotes } }),
      seededAgent('bank', {
        seed: 1,
        clock,
        skills: {
          pay: {
            effect: 'idempotent',
            keyed: true,
            answer(sum, { key, step }) {
              const id = keyed ? key : step + paid.size;
              paid.set(id, (paid.get(id) ?? 0) + (keyed && paid.has(id) ? 0 : 1));
              return `paid ${sum as number}`;
            },
          },
        },
      }),
    ],
    check() {
      if (paid.size !== 1) throw new Error(`paid ${paid.size} times`);
    },
  };
}

test('a run of days is played at once, agents fail by seed, and its person is answered for', async () => {
  const site = await openTestSite({
    workflows: [order],
    agents: (clock) => world(clock).agents,
    gate: () => 'approve',
    signals: { delivered: 'by noon' },
  });
  const from = site.clock.nowMs();
  const { output } = await site.run(order, ['tea', 'milk']);
  expect(output).toEqual({ sum: 7, paid: 'paid 7', note: 'by noon' });
  expect(site.clock.nowMs() - from).toBeGreaterThan(3 * DAY_MS);
  await site.stop();
});

test('what waits for a word that nobody gives is said', async () => {
  const site = await openTestSite({ workflows: [order], agents: (clock) => world(clock).agents });
  await expect(site.run(order, ['tea'])).rejects.toThrow('it waits at: may');
  await site.crash();
  expect(site.dead).toBe(false);
  await site.stop();
});

test('a crash at every commit changes nothing', async () => {
  const how = { workflow: order, input: ['tea', 'milk'], gate: () => 'approve' as const, signals: { delivered: 'ok' } };
  const report = await crashEverywhere({ ...how, world });
  expect(report.bad).toEqual([]);
  expect(report.points).toBeGreaterThan(10);
  expect(report.result.outcome).toBe('completed');
});

test('an agent that only says that it honours keys is found out', async () => {
  const how = { workflow: order, input: ['tea'], gate: () => 'approve' as const, signals: { delivered: 'ok' } };
  const report = await crashEverywhere({ ...how, world: (clock) => world(clock, false) });
  expect(report.bad.map((point) => point.why)).toContain('paid 2 times');
});
