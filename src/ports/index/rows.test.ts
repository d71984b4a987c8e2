import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { unit } from './hashed.ts';
import { createRows } from './rows.ts';

const vector = fc
  .array(fc.oneof(fc.constant(0), fc.double({ min: -1, max: 1, noNaN: true })), { minLength: 24, maxLength: 24 })
  .map((values) => unit(Float32Array.from(values)));

test('how like a row is, is what the vectors say, to four digits; one that was given back is taken again', () => {
  fc.assert(
    fc.property(fc.array(vector, { minLength: 1, maxLength: 8 }), vector, (all, other) => {
      const rows = createRows(24);
      const gone = rows.put(other);
      rows.free(gone);
      const places = all.map((one) => rows.put(one));
      expect(places[0]).toBe(gone);
      const like = rows.like(other);
      all.forEach((one, i) => {
        const exact = one.reduce((sum, value, at) => sum + value * other[at]!, 0);
        expect(Math.abs(like(places[i]!) - exact)).toBeLessThan(1e-4);
        expect(rows.read(places[i]!).every((value, at) => Math.abs(value - one[at]!) < 1e-4)).toBe(true);
      });
    }),
  );
});

test('more than one block of them', () => {
  const rows = createRows(2);
  for (let i = 0; i < 3_000; i++) rows.put(Float32Array.of(i / 3_000, 0));
  const like = rows.like(Float32Array.of(1, 0));
  for (const row of [0, 1_023, 1_024, 2_999]) expect(like(row)).toBeCloseTo(row / 3_000, 4);
});
