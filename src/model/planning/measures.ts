/** Durations and amounts as people write them. */
import { MAX_MS } from '../../base/index.ts';
import type { Amounts } from '../words.ts';
import type { AmountsWords, DurationWords } from './words.ts';

const UNITS_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export function durationMs(duration: DurationWords): number {
  if (typeof duration === 'number') return Math.min(duration, MAX_MS);
  const [, count, unit] = /^([\d.]+)(ms|s|m|h|d)$/.exec(duration)!;
  return Math.min(Number(count) * UNITS_MS[unit!]!, MAX_MS);
}

export function amountsFrom({ time, ...rest }: AmountsWords): Amounts {
  return time === undefined ? rest : { ...rest, timeMs: durationMs(time) };
}
