import { expect, test } from 'vitest';
import { escapeKey, stepId } from './index.ts';

test('keys cannot forge paths, keys or timer names', () => {
  expect(escapeKey('a/b#c%d|e')).toBe('a%2fb%23c%25d%7ce');
  expect(stepId('', 'ask', 'x/y')).not.toBe(stepId('ask#x', 'y'));
});

test('keys cut through a character, or with NUL, give ids that every store holds, and each its own', () => {
  const keys = ['a\0b', 'a\ud83c', 'a\udf89', 'a%00b', 'a%d83c'];
  expect(keys.map(escapeKey)).toEqual(['a%00b', 'a%d83c', 'a%df89', 'a%2500b', 'a%25d83c']);
  // Whole characters, and what a store does hold, stay as they are: an id must not change under a run.
  for (const key of ['🎉', 'é', 'a b\n', '\u202e']) expect(escapeKey(key)).toBe(key);
});
