/**
 * Change: has an agent become another than it was? Its last tries are held against what was believed of it before, from
 * each of them on to the newest: the likelier that all since then come from an agent of which only the crowd is known,
 * the likelier it changed there.
 *
 * C1  A change is rare (`hazard`), unless there was a shock (shock.ts): then it is likely from that moment on, also of
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
/** What is known of a new agent is worth so many tries of the crowd's level; the level itself is never extreme. */
const CROWD_TRIES = 4;
const LOWEST = 0.25;

/** From each try on: the logarithm of how much likelier the rewards are of a new agent than of the one it was. */
export function evidenceOf(recent: readonly Try[], crowd: number): Float64Array {
  const level = Math.min(1 - LOWEST, Math.max(LOWEST, crowd));
  const evidence = new Float64Array(recent.length);
  let [yes, no, sum] = [level * CROWD_TRIES, (1 - level) * CROWD_TRIES, 0];
  for (let i = recent.length - 1; i >= 0; i--) {
    const { reward, expected } = recent[i]!;
    const was = Math.min(1 - SUREST, Math.max(SUREST, expected));
    if (reward > 0) sum += reward * Math.log(yes / (yes + no) / was);
    if (reward < 1) sum += (1 - reward) * Math.log(no / (yes + no) / (1 - was));
    yes += reward;
    no += 1 - reward;
    evidence[i] = sum;
  }
  return evidence;
}

/** The first try at this tick or later. */
export function firstSince(recent: readonly Try[], at: number): number {
  let i = recent.length;
  while (i > 0 && recent[i - 1]!.at >= at) i--;
  return i;
}

/** hazard: the logarithm of the odds that an agent changed at one of its tries. */
export function doubtOf(
  recent: readonly Try[],
  evidence: Float64Array,
  after: Shaken | undefined,
  hazard: number,
): Doubt {
  let odds = 0;
  let most = 0;
  let from = recent.length;
  const weigh = (i: number, prior: number): void => {
    const here = Math.exp(prior + (evidence[i] ?? 0));
    odds += here;
    if (here <= most) return;
    most = here;
    from = i;
  };
  for (let i = 0; i < recent.length; i++) weigh(i, hazard);
  // C1. So many tries since then, and nothing was found: it is past.
  const isPast = recent.length >= RECENT && after !== undefined && recent[0]!.at >= after.at;
  if (after !== undefined && !isPast) weigh(firstSince(recent, after.at), after.odds);
  return { share: odds / (1 + odds), from };
}

export function sumsOf(recent: readonly Try[], from: number, dims: number, sums = newSums(dims)): Sums {
  for (let i = from; i < recent.length; i++) addTry(sums, recent[i]!.x, recent[i]!.reward);
  return sums;
}
