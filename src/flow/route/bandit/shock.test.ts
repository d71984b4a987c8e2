import { describe, expect, test } from 'vitest';
import { createSeededChance } from '../../../base/index.ts';
import { createBandit } from './bandit.ts';
import { evidenceOf, type Try } from './change.ts';
import { findShock, type Witness } from './shock.ts';
import type { Features } from './linear.ts';

const LEVEL: Features = { at: [0], value: [1] };
const ODDS = { shock: -7, hazard: -9, share: 0.4 };

/** Tries of agents in turn: as expected before a tick, then right with another chance. */
function witnesses(agents: number, ticks: number, at: number, then: number, seed = 'shock'): Witness[] {
  const chance = createSeededChance(seed);
  const all = Array.from({ length: agents }, (): Try[] => []);
  for (let tick = 1; tick <= ticks; tick++) {
    const reward = chance.yes(tick < at ? 0.85 : then) ? 1 : 0;
    all[tick % agents]!.push({ x: LEVEL, reward, expected: 0.85, at: tick });
  }
  return all.map((recent) => ({ recent, evidence: evidenceOf(recent, 0.5) }));
}

const chanceOf = (odds: number): number => 1 / (1 + Math.exp(-odds));

describe('a shock', () => {
  test('several agents that got a little worse together show what none of them shows alone', () => {
    const all = witnesses(4, 200, 121, 0.45);
    for (const one of all) expect(chanceOf(findShock([one], 0, 200, ODDS).odds)).toBeLessThan(0.9);
    const { at, odds } = findShock(all, 0, 200, ODDS);
    expect(chanceOf(odds)).toBeGreaterThan(0.95);
    expect(Math.abs(at - 121)).toBeLessThan(20);
  });

  test('hundreds that changed at once are not too many for a number', () => {
    const { at, odds } = findShock(witnesses(400, 2_000, 1_761, 0.05), 0, 2_000, ODDS);
    expect(Number.isFinite(odds)).toBe(true);
    expect(chanceOf(odds)).toBeGreaterThan(0.99);
    expect(Math.abs(at - 1_761)).toBeLessThan(20);
  });

  test('where nothing happened there was none, whatever the luck', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { odds } = findShock(witnesses(4, 200, Infinity, 0, `calm-${seed}`), 0, 200, ODDS);
      expect(chanceOf(odds)).toBeLessThan(0.5);
    }
  });

  test('one agent that died is no shock to the others', () => {
    const calm = witnesses(3, 150, Infinity, 0);
    const [dead] = witnesses(1, 150, 100, 0);
    expect(chanceOf(findShock([...calm, dead!], 0, 150, ODDS).odds)).toBeLessThan(0.9);
  });
});

test('after a shock an agent that was not tried since is doubted, too; without one it is not', () => {
  const doubtOfC = (worse: string[]): number => {
    const chance = createSeededChance('shaken');
    const bandit = createBandit({ dims: 3 });
    const learn = (agent: string, p: number): void => bandit.learn(agent, LEVEL, chance.yes(p) ? 1 : 0);
    for (let i = 0; i < 200; i++) for (const agent of ['a', 'b', 'c', 'd']) learn(agent, 0.85);
    const before = bandit.believe('c', LEVEL).sd;
    for (let i = 0; i < 40; i++) for (const agent of ['a', 'b', 'd']) learn(agent, worse.includes(agent) ? 0.4 : 0.85);
    return bandit.believe('c', LEVEL).sd / before;
  };
  expect(doubtOfC([])).toBeLessThan(1.2);
  expect(doubtOfC(['a', 'b', 'd'])).toBeGreaterThan(2);
});

test('after a shock a small change is settled while what was before can be compared; who did not change keeps its evidence', () => {
  const forgotten = (p: number): number => {
    let count = 0;
    for (let seed = 0; seed < 20; seed++) {
      const chance = createSeededChance(`small-${seed}`);
      const bandit = createBandit({ dims: 3 });
      const learn = (agent: string, right: number): void => bandit.learn(agent, LEVEL, chance.yes(right) ? 1 : 0);
      for (let i = 0; i < 600; i++) for (const agent of ['a', 'b', 'c']) learn(agent, 0.9);
      for (let i = 0; i < 40; i++) for (const agent of ['a', 'b']) learn(agent, 0.2);
      for (let i = 0; i < 110; i++) learn('c', p);
      if (bandit.believe('c', LEVEL).tries < 200) count++;
    }
    return count;
  };
  expect(forgotten(0.78)).toBeGreaterThan(15);
  expect(forgotten(0.9)).toBeLessThan(5);
});
