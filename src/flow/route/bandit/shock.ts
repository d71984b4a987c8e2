/**
 * Shock: did something happen that made several agents others at one moment (a model behind them was replaced, a source
 * went away)? Each alone may show too little to be told from bad luck; together they show it. Of each moment of late it
 * is asked how much likelier all rewards since then are if some of the agents changed there (the mixture of Xie and
 * Siegmund 2013), against that each changed by itself or not at all.
 */
import type { Try } from './change.ts';

/** An agent's last tries, with what speaks for a change at each of them. */
export interface Witness {
  recent: readonly Try[];
  evidence: Float64Array;
}

export interface ShockOptions {
  /** Logarithm of the odds of a shock at one moment that is looked at; of a change of one agent at one of its tries. */
  shock: number;
  hazard: number;
  /** Of the agents, those that a shock changes. */
  share: number;
}

export interface Shock {
  /** Of the skill's clock, when it likeliest was. */
  at: number;
  /** Logarithm of the odds that it was. */
  odds: number;
}

/** Moments that are looked at: one in so many ticks, back to so many. */
export const SHOCK_EVERY = 4;
export const SHOCK_WITHIN = 320;

export function findShock(witnesses: readonly Witness[], from: number, now: number, o: ShockOptions): Shock {
  const moments = Math.max(0, Math.floor((now - from) / SHOCK_EVERY) + 1);
  const together = new Float64Array(moments);
  let apart = 0;
  for (const { recent, evidence } of witnesses) {
    let alone = 0;
    for (const one of evidence) alone += Math.exp(o.hazard + one);
    apart += Math.log(1 + alone);
    let first = recent.length;
    let [at, voice] = [first, 0];
    for (let i = 0; i < moments; i++) {
      while (first > 0 && recent[first - 1]!.at >= now - i * SHOCK_EVERY) first--;
      if (first !== at) [at, voice] = [first, voiceOf(evidence[first], o.share)];
      together[i]! += voice;
    }
  }
  let [most, at] = [-Infinity, now];
  for (const [i, voices] of together.entries()) if (voices > most) [most, at] = [voices, now - i * SHOCK_EVERY];
  // By the greatest: many agents at once are more than a number holds.
  let sum = 0;
  for (const voices of together) sum += Math.exp(voices - most);
  return { at, odds: o.shock - apart + most + Math.log(sum) };
}

/** What one agent says of a shock, from the evidence of its first try after it; it says nothing where there is none. */
export function voiceOf(evidence: number | undefined, share: number): number {
  return evidence === undefined ? 0 : Math.log(1 - share + share * Math.exp(evidence));
}
