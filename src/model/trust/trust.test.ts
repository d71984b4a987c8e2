/** What trust learns from checked outcomes, and what it does not let itself be told. */
import { expect, test } from 'vitest';
import { createSeededChance } from '../../base/index.ts';
import { figuresOf, foldChecked, foldUnchecked, newTrust, type TrustState } from './index.ts';

/** Answers to questions of six options: each agent right with its chance, else one of the wrong ones. */
function school(chances: Record<string, number>, seed = 's') {
  const chance = createSeededChance(seed);
  return (change: (said: Record<string, number>) => void = () => {}) => {
    const said: Record<string, number> = {};
    for (const [agent, p] of Object.entries(chances))
      said[agent] = chance.next() < p ? 0 : 1 + Math.floor(chance.next() * 5);
    change(said);
    return said;
  };
}

function learn(trust: TrustState, n: number, question: () => Record<string, number>): void {
  for (let i = 0; i < n; i++) foldChecked(trust, { skill: 'q', said: question(), right: 0, source: 'golden' });
}

test('the better agent is believed more, and weighs more', () => {
  const trust = newTrust();
  learn(trust, 100, school({ good: 0.9, fair: 0.6, poor: 0.2 }));
  const figures = figuresOf(trust, 'q');
  expect(figures.get('good')!.p).toBeGreaterThan(figures.get('fair')!.p);
  expect(figures.get('good')!.weight!).toBeGreaterThan(figures.get('poor')!.weight!);
  expect(figures.get('good')!.low).toBeLessThan(figures.get('good')!.p);
});

test('one that says the opposite gets a weight below zero', () => {
  const trust = newTrust();
  const chance = createSeededChance('judges');
  for (let i = 0; i < 60; i++) {
    const said = { honest: chance.next() < 0.8 ? 0 : 1, liar: chance.next() < 0.15 ? 0 : 1 };
    foldChecked(trust, { skill: 'judge', said, right: 0, options: 2, source: 'golden' });
  }
  expect(figuresOf(trust, 'judge').get('liar')!.weight!).toBeLessThan(-0.5);
});

test('copies under many names share one weight, and are known for a cluster', () => {
  const trust = newTrust();
  const question = school({ a: 0.7, b: 0.7, c: 0.7, k: 0.6 });
  learn(trust, 120, () =>
    question((said) => {
      for (let i = 0; i < 6; i++) said[`k${i}`] = said.k!;
    }),
  );
  const figures = figuresOf(trust, 'q');
  const copies = ['k', 'k0', 'k1', 'k2', 'k3', 'k4', 'k5'];
  expect(new Set(copies.map((k) => figures.get(k)!.cluster)).size).toBe(1);
  expect(figures.get('a')!.cluster).toBeUndefined();
  const all = copies.reduce((sum, k) => sum + figures.get(k)!.weight!, 0);
  expect(all).toBeLessThan(2 * figures.get('a')!.weight!);
});

test('a newcomer weighs nothing until it is checked, and no agreement gives it weight', () => {
  const trust = newTrust();
  learn(trust, 50, school({ a: 0.8, b: 0.7 }));
  for (let i = 0; i < 100; i++) foldUnchecked(trust, { skill: 'q', said: { a: 0, b: 0, new: 0 } });
  expect(figuresOf(trust, 'q').get('new')).toBeUndefined();
});

test('a swapped model is suspended after few answers, and comes back only by checked outcomes', () => {
  const trust = newTrust();
  const question = school({ a: 0.8, b: 0.8, c: 0.8, turncoat: 0.9 });
  learn(trust, 60, question);
  for (let i = 0; i < 100; i++) foldUnchecked(trust, { skill: 'q', said: question() });
  const suspended = () => figuresOf(trust, 'q').get('turncoat')!.suspended === true;
  expect(suspended()).toBe(false);
  let items = 0;
  for (; items < 60 && !suspended(); items++)
    foldUnchecked(trust, { skill: 'q', said: question((said) => (said.turncoat = 5)) });
  expect(items).toBeLessThan(30);
  for (const other of ['a', 'b', 'c']) expect(figuresOf(trust, 'q').get(other)!.suspended).toBeUndefined();
  for (let i = 0; i < 100; i++) foldUnchecked(trust, { skill: 'q', said: { a: 0, b: 0, c: 0, turncoat: 0 } });
  expect(suspended()).toBe(true);
  learn(trust, 12, () => question((said) => (said.turncoat = 0)));
  expect(suspended()).toBe(false);
});

test('a part of a skill is believed as the whole until it has a record of its own', () => {
  const trust = newTrust();
  const law = school({ a: 0.2, b: 0.8 }, 'law');
  const rest = school({ a: 0.9, b: 0.6 }, 'rest');
  for (let i = 0; i < 120; i++) {
    foldChecked(trust, { skill: 'q/law', said: law(), right: 0, source: 'golden' });
    foldChecked(trust, { skill: 'q/sums', said: rest(), right: 0, source: 'golden' });
  }
  const p = (skill: string) => figuresOf(trust, skill).get('a')!.p;
  expect(p('q/sums')).toBeGreaterThan(p('q/law') + 0.3);
  expect(p('q/new')).toBe(p('q'));
});
