import { expect, test } from 'vitest';
import { escapeKey, stepId } from './index.ts';

test('keys cannot forge paths, keys or timer names', () => {
  expect(escapeKey('a/b#c%d|e')).toBe('a%2fb%23c%25d%7ce');
  expect(stepId('', 'ask', 'x/y')).not.toBe(stepId('ask#x', 'y'));
});
