import { expect, test } from 'vitest';
import { measureScale } from './index-scale.ts';
import { tryLarge } from './large.ts';
import { learn } from './learning.ts';

test('a small market: the oracle is never beaten, what learns loses less than what does not', () => {
  const { regret, exponent, informed, tasksTo95 } = learn('small', { agents: 8, tasks: 2_000 }, 2);
  for (const sum of Object.values(regret)) expect(sum).toBeGreaterThan(0);
  expect(regret['ours']).toBeLessThan(regret['roundRobin']! / 2);
  expect(regret['ours']).toBeLessThan(regret['random']! / 2);
  expect(exponent).toBeLessThan(1);
  // Who knows all others is not later than who has to find everything out.
  expect(informed.knowing).toBeLessThanOrEqual(tasksTo95 ?? Infinity);
});

test('a decision among 1,500 agents is made, and the index finds whom an exact look finds', async () => {
  const { p50Ms, recall10 } = await measureScale(1_500);
  expect(p50Ms).toBeGreaterThan(0);
  expect(recall10).toBeGreaterThan(0.95);
});

test('a size that is tried: finished within its limits, or ended by the one that is named, with what it reached', async () => {
  expect(await tryLarge(300, { seconds: 60, mb: 1_000 })).toMatchObject({
    tried: true,
    indexed: 300,
    p50Ms: expect.any(Number),
  });
  const late = await tryLarge(100_000, { seconds: 3, mb: 4_000 });
  expect(late).toMatchObject({ tried: true, reason: 'the limit of 3 s was reached' });
  expect(late.indexed).toBeLessThan(100_000);
  const small = await tryLarge(100_000, { seconds: 60, mb: 150 });
  expect(small.reason).toMatch(/MB was reached|its process ended by/);
});
