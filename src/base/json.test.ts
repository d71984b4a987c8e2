import { expect, test } from 'vitest';
import { MAX_JSON_CHARS, toJson } from './index.ts';

test('the limit of a value is that of its JSON text, of which a control character takes six', () => {
  const most = Math.floor(MAX_JSON_CHARS / 6);
  for (const fits of ['x'.repeat(MAX_JSON_CHARS), '\u0001'.repeat(most)]) expect(toJson(fits) === fits).toBe(true);
  for (const over of ['x'.repeat(MAX_JSON_CHARS + 1), '\u0001'.repeat(most + 1)])
    expect(() => toJson(over)).toThrow(expect.objectContaining({ code: 'input.too-large' }));
});
