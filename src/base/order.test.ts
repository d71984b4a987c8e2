import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { greatestFirst } from './order.ts';

test('the greatest first, equals as they stood: as a sort would', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ worth: fc.integer({ min: 0, max: 9 }), name: fc.nat() })), (few) => {
      const sorted = few.toSorted((a, b) => b.worth - a.worth);
      expect(greatestFirst([...few], (one) => one.worth)).toEqual(sorted);
    }),
  );
});
