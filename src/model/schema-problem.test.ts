/** Schemas of strangers: their patterns take the time of their text, and no more. */
import { setFlagsFromString } from 'node:v8';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Json } from '../base/index.ts';
import { isUnreadable, schemaFault, schemaProblem } from './schema-problem.ts';

const EVIL = `${'a'.repeat(40)}!`;

test('a pattern that goes back and forth for ever is none that is matched, and the schema says so', () => {
  for (const pattern of ['^(?=(a+)+$)', '^((a?){50}){50}$', '^(?i:(a+)+)$']) {
    const schema = { type: 'object', properties: { name: { type: 'string', pattern } } };
    expect(schemaProblem(schema, { name: EVIL })).toBeUndefined();
    expect(schemaProblem(schema, { name: 1 })).toContain('name');
    expect(schemaFault(schema)).toContain(`the pattern '${pattern}'`);
    expect(schemaFault({ patternProperties: { [pattern]: { type: 'string' } } })).toContain('the pattern');
  }
});

test.each(['properties', '$defs'])('a pattern is found under any name: %s', (place) => {
  const pattern = '^((a?){50}){50}$';
  for (const name of ['pattern', 'patternProperties', 'default', 'enum', 'const', 'properties']) {
    const one = { type: 'string', pattern };
    const schema: Json =
      place === '$defs' ? { $defs: { [name]: one }, $ref: `#/$defs/${name}` } : { properties: { [name]: one } };
    expect(`${name}: ${schemaFault({ type: 'object', ...schema })}`).toContain(`the pattern '${pattern}'`);
  }
  const properties = { pattern: { type: 'string' }, default: { type: 'number' } };
  expect(schemaProblem({ type: 'object', properties }, { pattern: '(?=x)', default: 1 })).toBeUndefined();
  expect(schemaProblem({ type: 'object', properties }, { pattern: 1 })).toContain('pattern');
});

test('what can be matched is, however long it takes to go back and forth', () => {
  // As a site sets it.
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  const schema = { type: 'string', pattern: '^(a+)+$' };
  expect(schemaProblem(schema, EVIL)).toContain('value');
  expect(schemaProblem(schema, 'aaa')).toBeUndefined();
  expect(schemaFault(schema)).toBeUndefined();
  const hash = { type: 'string', pattern: '^[0-9a-f]{64}$' };
  expect(schemaProblem(hash, 'a'.repeat(64))).toBeUndefined();
  expect(schemaProblem(hash, 'a'.repeat(63))).toContain('value');
});

test('a value that looks like a pattern stays what it is', () => {
  const schema = { enum: [{ pattern: '(?=x)' }] };
  expect(schemaFault(schema)).toBeUndefined();
});

test("the library's own formats are no fault", () => {
  const all = z.object({
    email: z.email(),
    id: z.uuid(),
    at: z.iso.datetime(),
    day: z.iso.date(),
    host: z.hostname(),
    v4: z.ipv4(),
    v6: z.ipv6(),
    took: z.iso.duration(),
  });
  expect(schemaFault(z.toJSONSchema(all) as Json)).toBeUndefined();
});

const chain = (n: number, one: (next: Json) => Json): Json => ({
  $ref: '#/$defs/0',
  $defs: Object.fromEntries(
    Array.from({ length: n }, (_, i) => [i, i === n - 1 ? { type: 'number' } : one({ $ref: `#/$defs/${i + 1}` })]),
  ),
});
let deep: Json = true;
for (let i = 0; i < 5_000; i++) deep = { not: deep };

test.each<[string, Json]>([
  ['itself', { $ref: '#' }],
  ['itself, in a property', { type: 'object', properties: { a: { $ref: '#/properties/a' } } }],
  ['round', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }],
  ['by way of words', { anyOf: [{ type: 'number' }, { not: { allOf: [{ $ref: '#' }] } }] }],
  ['twice at every step', chain(30, (next) => ({ allOf: [next, next] }))],
  ['too far', chain(20_000, (next) => next)],
  ['nested too deep', deep],
  [
    'no JSON',
    {
      get type(): string {
        throw new Error('not today');
      },
    },
  ],
])('a schema that cannot be read is said to be so, and throws nothing: %s', (_, schema) => {
  expect(isUnreadable(schema)).toBe(true);
  expect(schemaFault(schema)).toBeDefined();
  expect(schemaProblem(schema, { a: 1 })).toBeUndefined();
});

test('a schema of trees ends with its value', () => {
  const tree = { type: 'object', properties: { kids: { type: 'array', items: { $ref: '#' } } } } as const;
  expect(schemaFault(tree)).toBeUndefined();
  expect(schemaProblem(tree, { kids: [{ kids: [] }] })).toBeUndefined();
  expect(schemaProblem(tree, { kids: [{ kids: [1] }] })).toContain('kids');
  expect(schemaFault(chain(30, (next) => ({ allOf: [next] })))).toBeUndefined();
  const words = { type: 'object', properties: { not: { $ref: '#' }, $ref: { const: { $ref: '#' } } } } as const;
  expect(isUnreadable(words)).toBe(false);
});
