import { assert, integer, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brief, createPaint, fit, padded, plain, span, table, valueLines, widthOf } from './paint.ts';
import { hasColour } from './terminal.ts';

describe('what comes from agents', () => {
  test('cannot speak to the terminal', () => {
    // oxlint-disable-next-line no-control-regex
    expect(plain('a\u001b[2Jb\u001b]0;title\u0007c\rd\ne\u0000f\u009b1mg')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(brief('\u001b[31mred\u001b[0m\nline')).toBe('red line');
    expect(valueLines('one\n\u001b[2Jtwo', 40)).toEqual(['one', 'two']);
  });

  test('fits, whatever it is', () => {
    const anything = string({ unit: 'binary' });
    assert(
      property(anything, integer({ min: 1, max: 100 }), (text, width) => {
        expect(widthOf(fit(plain(text), width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

test('wide letters count double, marks not at all, colours not at all', () => {
  expect(widthOf('日本')).toBe(4);
  expect(widthOf('e\u0301')).toBe(1);
  expect(widthOf(createPaint(true)('red', 'ab'))).toBe(2);
  expect(padded('日', 4)).toBe('日  ');
  expect(fit('abcdef', 4)).toBe('abc…');
});

test('a table keeps to the width; colour survives where nothing is cut', () => {
  const red = createPaint(true)('red', 'no');
  expect(
    table(
      [
        ['a', red, 'c'],
        ['aaa', 'b', 'cccccccccc'],
      ],
      14,
    ),
  ).toEqual([`a    ${red}  c`, 'aaa  b   cccc…']);
});

test('spans of time', () => {
  expect([0, 999, 1_000, 61_000, 3_720_000, 200_000_000].map(span)).toEqual([
    '0 ms',
    '999 ms',
    '1.0 s',
    '1 min 1 s',
    '1 h 2 min',
    '2 d',
  ]);
});

test('colour: NO_COLOR over FORCE_COLOR over the terminal', () => {
  expect(hasColour({}, true)).toBe(true);
  expect(hasColour({}, false)).toBe(false);
  expect(hasColour({ FORCE_COLOR: '1' }, false)).toBe(true);
  expect(hasColour({ NO_COLOR: '1', FORCE_COLOR: '1' }, true)).toBe(false);
  expect(hasColour({ NO_COLOR: '' }, true)).toBe(true);
  expect(hasColour({ TERM: 'dumb' }, true)).toBe(false);
});
