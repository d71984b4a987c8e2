/**
 * Change: has an agent become another than it was? Its last tries are held against what was believed of it before, from
 * each of them on to the newest: the likelier that all since then come from an agent of which nothing is known, the
 * likelier it changed there. Bernoulli likelihood ratios, each less what fitting a new level would win by chance.
 *
 * C1  A change is rare (`hazard`), unless others changed lately: then it is likely from that moment on (`shaken`), also of
 *     an agent that was not tried since.
 */
import { addTry, type Features, newSums, type Sums } from './linear.ts';

/** One try that was learned. */
export interface Try {
  x: Features;
  reward: number;
  /** What was expected of it, by all that was known before. */
  expected: number;
  /** Of the skill's clock. */
  at: number;
}

/** Others changed at this tick; the logarithm of the odds that this one did, too. */
export interface Shaken {
  at: number;
  odds: number;
}

export interface Doubt {
  /** How likely the agent changed: 0 to 1. */
  share: number;
  /** The first try after it; the number of tries = none yet. */
  from: number;
}

/** Tries that are held against what was believed. Longer, and small changes fade by themselves (`keep`). */
export const RECENT = 96;
/** Expectations are never surer than this: one surprise proves nothing. */
const SUREST = 0.02;

export interface ChangeOptions {
  /** The logarithm of the odds that an agent changed at one of its tries. */
  hazard: number;
  /** A new level's variance, in variances of one reward. */
  spread: number;
}

export function doubtOf(recent: readonly Try[], after: Shaken | undefined, o: ChangeOptions): Doubt {
  // So many tries since then, and nothing was found.
  const shaken = recent.length >= RECENT && after !== undefined && recent[0]!.at >= after.at ? undefined : after;
  let odds = -Infinity;
  let from = recent.length;
  const last = recent.at(-1);
  if (shaken !== undefined && (last === undefined || last.at < shaken.at)) odds = shaken.odds;
  let [got, expected] = [0, 0];
  for (let i = recent.length - 1; i >= 0; i--) {
    const one = recent[i]!;
    got += one.reward;
    expected += one.expected;
    const n = recent.length - i;
    // C1
    const isShaken = shaken !== undefined && one.at >= shaken.at && (i === 0 || recent[i - 1]!.at < shaken.at);
    const before = isShaken ? shaken.odds : o.hazard;
    const here = before + n * divergence(got / n, expected / n) - 0.5 * Math.log(1 + n * o.spread);
    if (here <= odds) continue;
    odds = here;
    from = i;
  }
  return { share: 1 / (1 + Math.exp(-odds)), from };
}

export function sumsOf(recent: readonly Try[], from: number, dims: number): Sums {
  const sums = newSums(dims);
  for (let i = from; i < recent.length; i++) addTry(sums, recent[i]!.x, recent[i]!.reward);
  return sums;
}

/** Of two Bernoulli means (Kullback and Leibler). */
function divergence(p: number, given: number): number {
  const q = Math.min(1 - SUREST, Math.max(SUREST, given));
  const yes = p <= 0 ? 0 : p * Math.log(p / q);
  const no = p >= 1 ? 0 : (1 - p) * Math.log((1 - p) / (1 - q));
  return yes + no;
}
