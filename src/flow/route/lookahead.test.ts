import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { lessonsOf, shareBelow } from './lookahead.ts';

const one = (worth: number, sd: number) => ({ worth, sd, quality: 0.5 });

test('who cannot become the best teaches nothing; nor does one of whom all is known, nor one who is alone', () => {
  const [best, hopeless, known] = lessonsOf([one(0.9, 0.05), one(0.1, 0.05), one(0.89, 0)]);
  expect(best).toBeGreaterThan(0);
  expect(hopeless).toBeLessThan(1e-9);
  expect(known).toBe(0);
  expect(lessonsOf([one(0.5, 0.3)])).toEqual([0]);
});

test('the nearer to the best and the less known, the more it teaches; the lesson is what a formula of the textbook says', () => {
  const sd = fc.double({ min: 0.02, max: 0.3, noNaN: true });
  const worth = fc.double({ min: 0, max: 0.8, noNaN: true });
  fc.assert(
    fc.property(worth, sd, fc.double({ min: 1.05, max: 2, noNaN: true }), (w, s, more) => {
      const [, less, wider] = lessonsOf([one(0.9, 0), one(w, s), one(w, s * more)]);
      expect(wider).toBeGreaterThanOrEqual(less! - 1e-12);
      const [, far, near] = lessonsOf([one(0.9, 0), one(w, s), one((w + 0.9) / 2, s)]);
      expect(near).toBeGreaterThanOrEqual(far! - 1e-12);
    }),
  );
  // Equal worth: the move of the mean times 1 / sqrt(2 pi), for each of five tries.
  const moves = 0.2 ** 2 / Math.sqrt(0.2 ** 2 + 0.25 / 5);
  expect(lessonsOf([one(0.5, 0.2), one(0.5, 0.2)])[0]).toBeCloseTo((moves * 0.3989) / 5, 4);
});

test('who is behind by more than a few answers can tell is looked at over many', () => {
  // Five answers move 0.06 +- 0.02 hardly at all; eighty may show that it is the best.
  const moves = (tries: number) => 0.06 ** 2 / Math.sqrt(0.06 ** 2 + 0.25 / tries);
  const few = 0.15 / moves(5);
  expect(few).toBeGreaterThan(3);
  expect(0.15 / moves(80)).toBeLessThan(few);
  const [, behind] = lessonsOf([one(0.65, 0), one(0.5, 0.06)]);
  const gain = (z: number) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) - z * shareBelow(-z);
  expect(behind).toBeGreaterThan((moves(5) * Math.max(0, gain(few))) / 5);
});

test.for([
  [-2, 0.0228],
  [-1, 0.1587],
  [0, 0.5],
  [1.5, 0.9332],
])('of standard normal numbers a share is below %d: %d', ([z, share]) => expect(shareBelow(z!)).toBeCloseTo(share!, 3));
