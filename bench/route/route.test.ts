import { expect, test } from 'vitest';
import { measureScale } from './index-scale.ts';
import { learn } from './learning.ts';

test('a small market: the oracle is never beaten, what learns loses less than what does not', () => {
  const { regret, exponent } = learn('small', { agents: 8, tasks: 2_000 }, 2);
  for (const sum of Object.values(regret)) expect(sum).toBeGreaterThan(0);
  expect(regret['ours']).toBeLessThan(regret['roundRobin']! / 2);
  expect(regret['ours']).toBeLessThan(regret['random']! / 2);
  expect(exponent).toBeLessThan(1);
});

test('a decision among 1,500 agents is made, and the index finds whom an exact look finds', async () => {
  const { p50Ms, recall10 } = await measureScale(1_500);
  expect(p50Ms).toBeGreaterThan(0);
  expect(recall10).toBeGreaterThan(0.95);
});
