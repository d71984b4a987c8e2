/** Draws of golden items, each by its own seed, and what is summed over draws. */
import { createSeededChance } from '../../src/base/index.ts';

export { createCalibration } from '../../src/lab/swarm/calibration.ts';

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
