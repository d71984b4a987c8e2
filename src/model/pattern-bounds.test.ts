/** Patterns that are let pass are matched in the time of their text, and say what they said. */
import { setFlagsFromString } from 'node:v8';
import { expect, test } from 'vitest';
import { createSeededChance, type SeededChance } from '../base/index.ts';
import { boundedPattern } from './pattern-bounds.ts';

test.each([
  ['^[0-9a-f]{64}$', '^[0-9a-f]{16}[0-9a-f]{16}[0-9a-f]{16}[0-9a-f]{16}$'],
  ['[a-z]{1,40}?x', '[a-z]{1}[a-z]{0,16}?[a-z]{0,16}?[a-z]{0,7}?x'],
  ['\\p{L}{17,}', '\\p{L}{16}\\p{L}{1}\\p{L}*'],
  ['^(a+)+$', '^(a+)+$'],
  ['[)]{2}{3', '[)]{2}{3'],
])('%s is written %s', (pattern, written) => {
  expect(boundedPattern(pattern)).toEqual({ pattern: written });
});

test.each([
  ['^(?i:(a+)+)$', 'takes no heed of case'],
  ['^((a?){50}){50}$', 'repeats a group 50 times, at most 16'],
  ['(?:a{4}){5}', 'repeats a group 20 times'],
  ['a{1001}', 'repeats something 1001 times, at most 1000'],
  ['(?=a)', 'looks around or back'],
])('%s is refused: %s', (pattern, why) => {
  expect(boundedPattern(pattern).problem).toContain(why);
});

test('of thousands of patterns, each that is let pass suits the engine that never goes back, and matches what it matched', () => {
  setFlagsFromString('--enable-experimental-regexp-engine');
  const chance = createSeededChance('patterns');
  let passed = 0;
  for (let i = 0; i < 6_000; i++) {
    const pattern = drawn(chance, 3);
    const bounded = boundedPattern(pattern);
    if (bounded.problem !== undefined) continue;
    passed++;
    // Throws where it does not suit.
    const linear = new RegExp(bounded.pattern, LINEAR);
    const text = Array.from({ length: chance.int(12) }, () => chance.pick(['a', 'a', 'b', '1', '.'])).join('');
    expect(linear.test(text), `${pattern} on '${text}'`).toBe(new RegExp(pattern).test(text));
  }
  expect(passed).toBeGreaterThan(1_000);
});

/** A flag of the engine's own: a pattern that it cannot do without going back is refused. */
const LINEAR = 'l';

const SIGNS = ['a', 'b', '[ab]', '\\d', '.', '\\w', '[^a\\]]', '\\.', '\\x61'];
const TIMES = ['', '', '*', '+', '?', '{2}', '{1,3}', '{20}', '{0,18}', '{3,}', '{17,}?', '{2,5}?', '*?'];

function drawn(chance: SeededChance, depth: number): string {
  return Array.from({ length: 1 + chance.int(3) }, () => {
    if (depth === 0 || chance.yes(0.6)) return chance.pick(SIGNS) + chance.pick(TIMES);
    const more = chance.yes(0.3) ? `|${drawn(chance, depth - 1)}` : '';
    return `${chance.pick(['(', '(?:', '(?s:'])}${drawn(chance, depth - 1)}${more})${chance.pick(TIMES)}`;
  }).join('');
}
