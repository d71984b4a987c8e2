/** Failures that go round are named as a circle; those that do not are left alone. */
import { expect, test } from 'vitest';
import { createSeededChance } from '../../base/index.ts';
import type { Observation } from '../facts/index.ts';
import { type Cascade, createCascades } from './cascade.ts';

/** Each story: who tried a step, in order; `!` = it failed. */
function told(stories: readonly string[][], everyMs = 10): Cascade[] {
  const cascades = createCascades();
  const found: Cascade[] = [];
  let atMs = 0;
  for (const [i, story] of stories.entries())
    for (const word of story) {
      const end = word.endsWith('!') ? 'failed' : 'answered';
      const agent = word.replace('!', '');
      const seen: Observation = {
        agent,
        skill: 's',
        run: `r${i}`,
        step: 'a',
        end,
        atMs: (atMs += everyMs),
        latencyMs: 1,
      };
      const cascade = cascades.observed(seen);
      if (cascade !== undefined) found.push(cascade);
    }
  return found;
}

const many = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one);

test('a fails b fails a: named once, as the circle it is', () => {
  const [first, ...more] = told(many(10, ['a!', 'b!', 'a!', 'b!']));
  expect([...first!.circle].sort()).toEqual(['a', 'b']);
  expect(more.length).toBeLessThan(3);
});

test('a circle over three, and over many steps of which none goes round itself', () => {
  const [first] = told([...many(8, ['a!', 'b!']), ...many(8, ['b!', 'c!']), ...many(8, ['c!', 'a!'])]);
  expect(first!.circle).toHaveLength(3);
});

test('a storm of retries at one agent is a circle of one', () => {
  expect(told(many(10, ['a!', 'a!', 'a!', 'a!']))[0]).toEqual({ skill: 's', circle: ['a'] });
});

test('busy twice and then well is no storm, however many come at once', () => {
  const cascades = createCascades();
  for (const end of ['failed', 'failed', 'answered'] as const)
    for (let i = 0; i < 200; i++) {
      const seen = { agent: 'a', skill: 's', run: `r${i}`, step: 'a', end, atMs: i, latencyMs: 1 };
      if (end === 'answered' || i < 20) expect(cascades.observed(seen)).toBeUndefined();
    }
});

test('work that moves and is done there is none, nor are failures that lead nowhere', () => {
  expect(told(many(50, ['a!', 'b']))).toEqual([]);
  expect(told(many(50, ['a!', 'b!']))).toEqual([]);
  expect(told(many(50, ['a!']))).toEqual([]);
});

test('what happens now and then, over hours, is none', () => {
  expect(told(many(20, ['a!', 'b!', 'a!', 'b!']), 60_000)).toEqual([]);
});

test('bad luck is none: agents that fail a third of the time, each by itself', () => {
  const chance = createSeededChance('luck');
  const stories = Array.from({ length: 300 }, () => {
    const story: string[] = [];
    for (const agent of ['a', 'b', 'c', 'a']) {
      const failed = chance.yes(0.33);
      story.push(failed ? `${agent}!` : agent);
      if (!failed) break;
    }
    return story;
  });
  expect(told(stories)).toEqual([]);
});
