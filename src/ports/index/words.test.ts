import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stem, tokens } from './words.ts';

const plain = fc.string({ unit: fc.constantFrom(...'abzABZ019 _-.,\n'.split('')), maxLength: 40 });

test('a text without accents is read as one with them is', () => {
  fc.assert(
    fc.property(plain, (text) => {
      expect([...tokens(text), 'e']).toEqual(tokens(`${text} é`));
    }),
  );
  expect(tokens('searchFlights2Now for_HTTPServer, x')).toEqual([
    'search',
    'flights2',
    'now',
    'for',
    'httpserver',
    'x',
  ]);
});

test('the longest ending comes off, of words that are long enough', () => {
  const ended = [
    'translations',
    'translation',
    'settings',
    'setting',
    'workers',
    'worker',
    'actors',
    'copies',
    'worked',
  ];
  expect(ended.map(stem)).toEqual(['transl', 'transl', 'sett', 'sett', 'work', 'work', 'act', 'cop', 'work']);
  expect(['cats', 'dogs', 'bus', 'make', 'agent', 'party'].map(stem)).toEqual([
    'cat',
    'dog',
    'bus',
    'make',
    'agent',
    'part',
  ]);
});
