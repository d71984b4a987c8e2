import { describe, expect, test } from 'vitest';
import { Fault } from '../base/index.ts';
import { compileExpr, holds } from './expr.ts';
import { compileTemplate, wholeExpr } from './template.ts';

const value = (text: string, vars = {}) => compileExpr(text).run(vars);

describe('expressions give JSON', () => {
  test.each([
    ['1 + 2', {}, 3],
    ['a.n + 1', { a: { n: 3 } }, 4],
    ['a.n + 0.5', { a: { n: 3 } }, 3.5],
    ['7 / 2', {}, 3],
    ['n / 2', { n: 7 }, 3.5],
    ['n % 2 == 0', { n: 4 }, true],
    ['xs[i]', { xs: ['a', 'b'], i: 1 }, 'b'],
    ['xs.filter(x, x > 1).map(x, x * 2)', { xs: [1, 2, 3] }, [4, 6]],
    ['{"a": 1, "b": [x, 2]}', { x: 'q' }, { a: 1, b: ['q', 2] }],
    ['a.?b.orValue("none")', { a: {} }, 'none'],
    ['has(a.b)', { a: {} }, false],
    ['a.b == null', { a: { b: null } }, true],
    ['"so " + string(n)', { n: 2 }, 'so 2'],
    ['timestamp("2024-01-02T00:00:00Z")', {}, '2024-01-02T00:00:00.000Z'],
    ['size(s)', { s: 'abc' }, 3],
  ])('%s', (text, vars, expected) => {
    expect(value(text, vars)).toEqual(expected);
  });
});

test('what is wrong is said with its character', () => {
  for (const [text, message] of [
    ['a +', "in the expression 'a +' at character 4: Unexpected token: EOF"],
    ['a.b.c', "in the expression 'a.b.c' at character 5: No such key: c"],
    ['nobody', "in the expression 'nobody' at character 1: Unknown variable: nobody"],
    ['1 + "a"', 'in the expression \'1 + "a"\' at character 1: no such overload: int + string'],
    ['now()', "in the expression 'now()' at character 1: found no matching overload for 'now()'"],
    ['9007199254740993', "the expression '9007199254740993' gives 9007199254740993, too large a number"],
  ] as const)
    expect(() => value(text, { a: { b: {} } })).toThrow(message);
  expect(() => holds('1 + 1', {})).toThrow("the condition '1 + 1' gives 2, not true or false");
});

test('an expression reaches nothing but its variables', () => {
  for (const text of ['a.constructor', 'a.__proto__', 'constructor', 'globalThis', 'a.toString()', 'process'])
    expect(() => value(text, { a: {} })).toThrow(Fault);
});

test('a member may be called constructor', () => {
  const input = { constructor: 4, list: [{ constructor: null, n: 1 }], other: 'x' };
  expect(value('input.constructor + input.list[0].n', { input })).toBe(5);
  expect(value('input["constructor"] == 4 && has(input.constructor) && "constructor" in input', { input })).toBe(true);
  expect(value('input.list.map(e, e.n)', { input })).toEqual([1]);
  expect(value('input', { input })).toEqual(input);
  expect(value('steps.constructor', { steps: { constructor: 'did', toString: 'too' } })).toBe('did');
  expect(() => value('input.nothing', { input })).toThrow('No such key: nothing');
});

test('what an expression reads is known before it runs', () => {
  const { refs } = compileExpr('steps.a.b + steps["c-d"] + xs.map(item, item + n) + faults.f.code');
  expect([...refs.vars].toSorted()).toEqual(['faults', 'n', 'steps', 'xs']);
  expect([...refs.steps]).toEqual(['a', 'c-d']);
  expect([...refs.faults]).toEqual(['f']);
  expect(refs.computed).toBe(false);
  expect(compileExpr('steps[name]').refs.computed).toBe(true);
  expect(compileExpr('steps').refs.computed).toBe(true);
  expect(compileExpr('steps.a.b["c"]').path).toEqual(['steps', 'a', 'b', 'c']);
  expect(compileExpr('steps.a + 1').path).toBeUndefined();
});

describe('templates', () => {
  const fill = (template: never, vars = {}) => compileTemplate(template).fill(vars);
  test.each([
    ['${a}', [1]],
    ['x${a[0]}y', 'x1y'],
    ['${s} and ${o}', 'text and {"b":"}"}'],
    ['$${a}', '${a}'],
    ['${ {"k": "}"}.k }', '}'],
    ['cost: $5', 'cost: $5'],
    ['${n}!', '!'],
    [
      { deep: ['${a}', { x: '${s}' }], plain: 1 },
      { deep: [[1], { x: 'text' }], plain: 1 },
    ],
    [null, null],
    ['', ''],
  ])('%j', (template, expected) => {
    expect(fill(template as never, { a: [1], s: 'text', o: { b: '}' }, n: null })).toEqual(expected);
  });

  test('an open brace is said', () => {
    expect(() => compileTemplate('a ${b')).toThrow("'${' without its '}' in 'a ${b'");
  });

  test('one whole expression, or not', () => {
    expect(wholeExpr('${ a.b }')).toBe('a.b');
    expect(wholeExpr('${a} ${b}')).toBeUndefined();
  });
});

describe('what takes a thread for long is bounded', () => {
  const nested = (depth: number, body = '1'): string =>
    Array.from({ length: depth }).reduce<string>((inner, _, i) => `xs.map(v${i}, ${inner})`, body);
  const xs = Array.from({ length: 10 }, (_, i) => i);

  test('macros inside each other: by depth before it runs, by items while it runs', () => {
    expect(() => compileExpr(nested(5))).toThrow(
      'more than 4 of all, exists, exists_one, map, filter inside each other',
    );
    expect(value(`${nested(4)}.size()`, { xs })).toBe(10);
    const many = Array.from({ length: 501 }, (_, i) => i);
    const began = performance.now();
    expect(() => value(nested(2), { xs: many })).toThrow(
      'goes through more than 250000 items: leave that to a step of code',
    );
    // Also where CEL passes over errors: the bound is none of them.
    expect(() => value('xs.exists(a, xs.map(b, xs.map(c, c)).size() > 999999)', { xs: many })).toThrow('250000 items');
    expect(performance.now() - began).toBeLessThan(5_000);
    // One after the other they are one evaluation's all the same, and the next begins anew.
    expect(value('xs.map(x, x).filter(x, x > 498)', { xs: many })).toEqual([499, 500]);
  });

  test('what fails inside is told by its own place', () => {
    expect(() => value('  (xs).map(x, xs.filter(y, y.b > 1))', { xs: [{ a: 1 }] })).toThrow(
      'at character 30: No such key: b',
    );
    expect(() => value('"a".map(x, x)')).toThrow('cannot be range of a comprehension');
  });

  test('patterns look neither around nor back, and are no longer than they may be', () => {
    expect(value('s.matches("^a+b?$")', { s: 'aab' })).toBe(true);
    expect(value('s.matches("a(?:b|c)(d)[(?=]\\\\\\\\1")', { s: 'x' })).toBe(false);
    for (const pattern of ['(?=a)', '(?<!a)b', '(a)\\\\1', '(?<n>a)\\\\k<n>']) {
      expect(() => compileExpr(`s.matches("${pattern}")`)).toThrow('looks around or back');
      expect(() => value('s.matches(p)', { s: 'a', p: pattern.replaceAll('\\\\', '\\') })).toThrow(
        'looks around or back',
      );
    }
    expect(() => value('s.matches(p)', { s: 'a', p: 'a'.repeat(1_001) })).toThrow('a pattern of 1001 characters');
    expect(() => value('s.matches("a")', { s: 'a'.repeat(1_000_001) })).toThrow('1000001 characters');
    expect(() => compileExpr('counted(xs)')).toThrow(Fault);
  });
});
