import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSeededChance } from '../../../base/index.ts';
import { createBandit } from './bandit.ts';
import { addReward, addSums, addTry, type Features, newSums, posteriorOf, predict } from './linear.ts';

const LEVEL: Features = { at: [0], value: [1] };
const sort = (i: number): Features => ({ at: [0, i], value: [1, 1] });

describe('a linear model', () => {
  const prior = new Float64Array(3).fill(4);
  const none = new Float64Array(3);

  test('one weight: mean and variance as the formula of the textbook says', () => {
    const sums = newSums(3);
    for (const reward of [1, 1, 0, 1]) addTry(sums, LEVEL, reward);
    const { mean, variance } = predict(posteriorOf(sums, prior, none, 0.5), LEVEL);
    expect(mean).toBeCloseTo(3 / 0.5 / (4 + 4 / 0.5));
    expect(variance).toBeCloseTo(1 / (4 + 4 / 0.5));
  });

  test('of a weight that no try spoke of the prior is all there is', () => {
    const sums = newSums(3);
    for (const reward of [1, 0, 1]) addTry(sums, sort(2), reward);
    const known = posteriorOf(sums, prior, Float64Array.of(0.5, 0.3, 0.1), 0.5);
    const { mean, variance } = predict(known, { at: [1], value: [2] });
    expect(mean).toBeCloseTo(0.6);
    expect(variance).toBeCloseTo(4 / 4);
    // What is known of the two others is as much as without it.
    const small = newSums(2);
    for (const reward of [1, 0, 1]) addTry(small, { at: [0, 1], value: [1, 1] }, reward);
    const alone = predict(posteriorOf(small, prior.slice(1), Float64Array.of(0.5, 0.1), 0.5), {
      at: [0, 1],
      value: [1, 1],
    });
    const among = predict(known, sort(2));
    expect(among.mean).toBeCloseTo(alone.mean);
    expect(among.variance).toBeCloseTo(alone.variance);
  });

  const tries = fc.array(
    fc.record({ i: fc.integer({ min: 1, max: 2 }), r: fc.double({ min: 0, max: 1, noNaN: true }) }),
    {
      maxLength: 40,
    },
  );

  test('what several saw adds up to what one would have seen', () => {
    fc.assert(
      fc.property(tries, tries, (one, two) => {
        const [a, b, both] = [newSums(3), newSums(3), newSums(3)];
        for (const { i, r } of one) addTry(a, sort(i), r);
        for (const { i, r } of two) addTry(b, sort(i), r);
        for (const { i, r } of [...one, ...two]) addTry(both, sort(i), r);
        addSums(a, b);
        const [p, q] = [a, both].map((s) => predict(posteriorOf(s, prior, none, 0.3), sort(1)));
        expect(p!.mean).toBeCloseTo(q!.mean, 9);
        expect(p!.variance).toBeCloseTo(q!.variance, 9);
      }),
    );
  });

  test('a reward that is corrected later is as if it had been known; more tries never make less sure', () => {
    fc.assert(
      fc.property(tries, fc.double({ min: 0, max: 1, noNaN: true }), (all, truth) => {
        const [late, known] = [newSums(3), newSums(3)];
        let width = Infinity;
        for (const { i, r } of all) {
          addTry(late, sort(i), r);
          addTry(known, sort(i), truth);
          addReward(late, sort(i), truth - r);
          const { variance } = predict(posteriorOf(late, prior, none, 0.3), LEVEL);
          expect(variance).toBeLessThanOrEqual(width + 1e-12);
          width = variance;
        }
        const [p, q] = [late, known].map((s) => predict(posteriorOf(s, prior, none, 0.3), sort(2)));
        expect(p!.mean).toBeCloseTo(q!.mean, 8);
      }),
    );
  });
});

test('of many the foremost are few: those that have shown most, and who came since they were compared', () => {
  const bandit = createBandit({ dims: 3 });
  for (let round = 0; round < 6; round++)
    for (let i = 0; i < 100; i++) bandit.learn(`a${i}`, LEVEL, i >= 90 || (i + round) % 3 === 0 ? 1 : 0);
  bandit.learn('new', LEVEL, 0);
  const foremost = bandit.foremost();
  expect(foremost.length).toBeLessThan(30);
  expect(foremost).toEqual(expect.arrayContaining(Array.from({ length: 10 }, (_, i) => `a${90 + i}`)));
  expect(foremost).toContain('new');
});

describe('beliefs about agents', () => {
  function taught(rewards: Record<string, number[]>) {
    const bandit = createBandit({ dims: 3 });
    const most = Math.max(...Object.values(rewards).map((list) => list.length));
    for (let i = 0; i < most; i++)
      for (const [agent, list] of Object.entries(rewards)) if (i < list.length) bandit.learn(agent, LEVEL, list[i]!);
    return bandit;
  }
  const all = (n: number, reward: number) => Array.from({ length: n }, () => reward);

  test('who answered well is believed good, who failed bad, and one of whom nothing is known lies between and is unsure', () => {
    const bandit = taught({ good: all(30, 1), bad: all(30, 0) });
    const [good, bad, other] = ['good', 'bad', 'other'].map((agent) => bandit.believe(agent, LEVEL));
    expect(good!.mean).toBeGreaterThan(0.8);
    expect(bad!.mean).toBeLessThan(0.2);
    expect(other!.mean).toBeGreaterThan(bad!.mean);
    expect(other!.mean).toBeLessThan(good!.mean);
    expect(other!.sd).toBeGreaterThan(good!.sd * 2);
  });

  test('good at one sort of task is not good at another', () => {
    const bandit = createBandit({ dims: 3 });
    for (let i = 0; i < 40; i++) {
      bandit.learn('a', sort(1), 1);
      bandit.learn('a', sort(2), 0);
    }
    expect(bandit.believe('a', sort(1)).mean - bandit.believe('a', sort(2)).mean).toBeGreaterThan(0.4);
  });

  test('an agent that dies is believed dead after a dozen silences, whatever it had earned', () => {
    const bandit = taught({ star: all(500, 1) });
    for (let i = 0; i < 12; i++) bandit.learn('star', LEVEL, 0);
    expect(bandit.believe('star', LEVEL).mean).toBeLessThan(0.6);
  });

  test('one that got worse is found out within a few dozen tries, and what it was then counts no more', () => {
    const chance = createSeededChance('worse');
    const bandit = createBandit({ dims: 3 });
    for (let i = 0; i < 1_000; i++) bandit.learn('a', LEVEL, chance.yes(0.85) ? 1 : 0);
    for (let i = 0; i < 60; i++) bandit.learn('a', LEVEL, chance.yes(0.45) ? 1 : 0);
    const { mean, tries } = bandit.believe('a', LEVEL);
    expect(mean).toBeLessThan(0.65);
    expect(tries).toBeLessThan(120);
  });

  test('a change is doubted before it is sure: less is believed, and that less surely', () => {
    const bandit = taught({ a: all(400, 1) });
    const before = bandit.believe('a', LEVEL);
    for (let i = 0; i < 2; i++) bandit.learn('a', LEVEL, 0);
    const [arm] = [...bandit.arms()].map(([, one]) => one);
    expect(arm!.doubt!.share).toBeGreaterThan(0.02);
    const doubted = bandit.believe('a', LEVEL);
    expect(doubted.tries).toBeGreaterThan(200);
    expect(doubted.mean).toBeLessThan(before.mean - 0.02);
    expect(doubted.sd).toBeGreaterThan(before.sd * 1.5);
  });

  test('when several change at once the others are doubted, also those that are not tried; who shows to be as before is not', () => {
    const bandit = taught({ a: all(300, 1), b: all(300, 1), c: all(300, 1), d: all(300, 1) });
    const before = bandit.believe('c', LEVEL).sd;
    for (let i = 0; i < 8; i++) for (const agent of ['a', 'b']) bandit.learn(agent, LEVEL, 0);
    expect(bandit.believe('c', LEVEL).sd).toBeGreaterThan(before * 1.5);
    for (let i = 0; i < 40; i++) bandit.learn('d', LEVEL, 1);
    expect(bandit.believe('d', LEVEL).sd).toBeLessThan(bandit.believe('c', LEVEL).sd / 1.5);
  });

  test('what others saw of an agent before it changed does not hide the change', () => {
    const bandit = createBandit({ dims: 3 });
    const seen = newSums(3);
    for (let i = 0; i < 500; i++) addTry(seen, LEVEL, 1);
    bandit.others(new Map([['a', seen]]));
    expect(bandit.believe('a', LEVEL).mean).toBeGreaterThan(0.9);
    for (let i = 0; i < 12; i++) bandit.learn('a', LEVEL, 0);
    expect(bandit.believe('a', LEVEL).mean).toBeLessThan(0.6);
    // They go on, and see it, too.
    for (let i = 0; i < 100; i++) addTry(seen, LEVEL, 0);
    bandit.others(new Map([['a', seen]]));
    expect(bandit.believe('a', LEVEL).mean).toBeLessThan(0.3);
  });

  test('noise is no change: an agent that is right four times in five keeps its name', () => {
    const chance = createSeededChance('noise');
    const bandit = createBandit({ dims: 3 });
    let low = 1;
    for (let i = 0; i < 1_000; i++) {
      bandit.learn('a', LEVEL, chance.yes(0.8) ? 1 : 0);
      if (i > 50) low = Math.min(low, bandit.believe('a', LEVEL).mean);
    }
    expect(low).toBeGreaterThan(0.5);
  });

  test('what was not tried for long is less sure, never less than knowing nothing', () => {
    const bandit = taught({ a: all(50, 1) });
    const before = bandit.believe('a', LEVEL).sd;
    for (let i = 0; i < 2_000; i++) bandit.learn('b', LEVEL, 0.5);
    expect(bandit.believe('a', LEVEL).sd).toBeGreaterThan(before);
    expect(bandit.believe('a', LEVEL).sd).toBeLessThanOrEqual(bandit.believe('unknown', LEVEL).sd + 0.01);
  });

  test('tries that are out make less unsure, and no better', () => {
    const bandit = taught({ a: all(3, 1) });
    const [idle, busy] = [bandit.believe('a', LEVEL), bandit.believe('a', LEVEL, 10)];
    expect(busy.sd).toBeLessThan(idle.sd);
    expect(busy.mean).toBe(idle.mean);
  });
});
