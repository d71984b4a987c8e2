import { expect, test } from 'vitest';
import { withoutPatterns } from './patterns.ts';

test('patterns go, and are told in words; members that are named so stay', () => {
  const schema = {
    type: 'object',
    properties: {
      pattern: { type: 'string', description: 'what to look for', pattern: '^(a+)+$' },
      list: { type: 'array', items: { anyOf: [{ pattern: 'x' }, { type: 'null' }] } },
      plain: { enum: [{ pattern: 'x' }], default: { pattern: 'x' } },
    },
    $defs: { pattern: { propertyNames: { pattern: '^(b+)+$' } } },
    patternProperties: { '^(c+)+$': {} },
    additionalProperties: false,
    required: ['pattern'],
  };
  expect(withoutPatterns(schema)).toEqual({
    type: 'object',
    properties: {
      pattern: { type: 'string', description: 'what to look for (of the pattern "^(a+)+$")' },
      list: { type: 'array', items: { anyOf: [{ description: '(of the pattern "x")' }, { type: 'null' }] } },
      plain: schema.properties.plain,
    },
    $defs: { pattern: { propertyNames: { description: '(of the pattern "^(b+)+$")' } } },
    required: ['pattern'],
  });
});

test('what has none is the same object, and what is too deep is any value', () => {
  const schema = { type: 'object', properties: { pattern: { type: 'string' } }, additionalProperties: false };
  expect(withoutPatterns(schema)).toBe(schema);
  expect(withoutPatterns(undefined)).toBe(undefined);
  let deep: object = { pattern: 'x' };
  for (let i = 0; i < 10_000; i++) deep = { not: deep };
  expect(JSON.stringify(withoutPatterns(deep))).not.toContain('pattern');
});
