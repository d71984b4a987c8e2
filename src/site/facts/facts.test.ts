import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFacts, type Observation } from './index.ts';
import { bucketOf, count, edgeMs, newSpread, quantileMs } from './spread.ts';

function seen(more: Partial<Observation> = {}): Observation {
  return { agent: 'a', skill: 's', atMs: 1, end: 'answered', latencyMs: 100, ...more };
}

describe('how long something takes', () => {
  test('a time lies within its bucket, and the bucket is at most a fifth wider', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000_000 }), (ms) => {
        const edge = edgeMs(bucketOf(ms));
        expect(edge).toBeGreaterThanOrEqual(ms - 1e-6);
        expect(edge + 1).toBeLessThanOrEqual((ms + 1) * 1.19 + 1e-6);
      }),
    );
  });

  test('quantiles are those of what was counted, up to a bucket', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 200 }), (times) => {
        const spread = newSpread();
        for (const ms of times) count(spread.done, ms);
        const sorted = times.toSorted((a, b) => a - b);
        const median = sorted[Math.ceil(sorted.length / 2) - 1]!;
        expect(bucketOf(quantileMs(spread, 0.5)! - 1e-6)).toBe(bucketOf(median));
      }),
    );
  });

  test('what was given up counts as longer: an agent that hangs does not look fast', () => {
    const spread = newSpread();
    for (let i = 0; i < 10; i++) count(spread.done, 10);
    for (let i = 0; i < 30; i++) count(spread.cut, 1_000);
    expect(quantileMs(spread, 0.2)!).toBeLessThan(15);
    expect(quantileMs(spread, 0.5)!).toBeGreaterThan(900);
  });
});

describe('facts', () => {
  test('figures of an agent at a skill: successes, faults, latency, money, calls out', () => {
    const facts = createFacts();
    expect(facts.of('a', 's')).toBeUndefined();
    facts.begun('a');
    facts.begun('a');
    expect(facts.load('a')).toBe(2);
    facts.observe(seen({ cost: { money: 3 } }));
    facts.observe(seen({ end: 'failed', code: 'agent.failed', cost: { money: 1 } }));
    expect(facts.load('a')).toBe(0);
    expect(facts.of('a', 's')).toMatchObject({ tries: 2, success: 0.5, money: 2, faults: { 'agent.failed': 1 } });
    expect(facts.of('a', 'other')).toBeUndefined();
    expect(facts.position).toBe(2);
  });

  test('what was taken back is no failure of the agent; what timed out is one, and slow', () => {
    const facts = createFacts();
    facts.observe(seen({ end: 'failed', code: 'step.cancelled' }));
    expect(facts.of('a', 's')).toMatchObject({ tries: 0, success: 1 });
    facts.observe(seen({ end: 'failed', code: 'step.timeout', latencyMs: 5_000 }));
    expect(facts.of('a', 's')!.success).toBe(0);
    expect(facts.of('a', 's')!.p95Ms).toBeGreaterThan(4_000);
  });

  test('the past is halved: an agent that went bad is seen as bad, whatever it had earned', () => {
    const facts = createFacts();
    for (let i = 0; i < 5_000; i++) facts.observe(seen());
    for (let i = 0; i < 1_000; i++) facts.observe(seen({ end: 'failed', code: 'agent.failed' }));
    expect(facts.of('a', 's')!.success).toBeLessThan(0.2);
  });

  test('listeners hear every observation and judgement, until they leave', () => {
    const facts = createFacts();
    const heard: string[] = [];
    const leave = facts.on({ observed: (o) => heard.push(o.end), judged: (j) => heard.push(String(j.quality)) });
    facts.observe(seen());
    facts.judge({ run: 'r', step: 's', n: 1, agent: 'a', skill: 's', atMs: 2, quality: 0.5 });
    leave();
    facts.observe(seen());
    expect(heard).toEqual(['answered', '0.5']);
  });

  test('saved and taken up again they are the same; those of other workers add up', () => {
    const [one, two] = [createFacts(), createFacts()];
    for (let i = 0; i < 10; i++) one.observe(seen({ latencyMs: i * 10, cost: { money: i } }));
    const text = JSON.stringify(one.save());
    two.resume(JSON.parse(text) as never);
    expect(two.of('a', 's')).toEqual(one.of('a', 's'));
    two.others([JSON.parse(text) as never]);
    expect(two.of('a', 's')).toMatchObject({ tries: 20, success: 1 });
    expect(two.position).toBe(20);
    two.others([]);
    expect(two.of('a', 's')).toEqual(one.of('a', 's'));
  });
});
