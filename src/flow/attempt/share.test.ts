/** A deadline is shared with who may be asked next. */
import { describe, expect, test } from 'vitest';
import { candidates, given } from '../../../test/workloads/given.ts';

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
  test('the p95 of the next is kept back', () => {
    expect(timeoutOf(1_000, two)).toBe(800);
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
