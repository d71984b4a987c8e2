/** Draws of golden items, each by its own seed, and what is summed over draws. */
import { createSeededChance } from '../../src/base/index.ts';

/** A shuffled copy: the first so many are golden, the others are the test. */
export function shuffled<T>(list: readonly T[], seed: string): T[] {
  const chance = createSeededChance(seed);
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(chance.next() * (i + 1));
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}

export interface Spread {
  mean: number;
  /** Standard deviation over the draws. */
  spread: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, spread: Math.sqrt(variance) };
}

export function percent(share: number): number {
  return Math.round(share * 10_000) / 100;
}

/** Believed probabilities against what was so. */
export interface Calibration {
  note(belief: number, right: boolean): void;
  /** Expected calibration error over ten bins of equal width. */
  ece(): number;
  brier(): number;
  /** What saying the base rate every time would score. */
  baseBrier(): number;
}

const BINS = 10;

export function createCalibration(): Calibration {
  const bins = Array.from({ length: BINS }, () => ({ n: 0, believed: 0, right: 0 }));
  let n = 0;
  let hits = 0;
  let squares = 0;
  return {
    note(belief, right) {
      const bin = bins[Math.min(BINS - 1, Math.floor(belief * BINS))]!;
      bin.n++;
      bin.believed += belief;
      bin.right += right ? 1 : 0;
      n++;
      hits += right ? 1 : 0;
      squares += (belief - (right ? 1 : 0)) ** 2;
    },
    ece: () => bins.reduce((sum, bin) => sum + Math.abs(bin.believed - bin.right), 0) / n,
    brier: () => squares / n,
    baseBrier: () => (hits / n) * (1 - hits / n),
  };
}
