/**
 * Drift: an agent that is not what it was (a swapped model, a sleeper) loses its weight at once, and earns it back
 * slowly. Two sums of log-likelihood ratios (CUSUM) are kept: one of checked outcomes, one of how often it agrees
 * with what the others, without its own cluster, are sure of. Agreement can only take trust away, never give it: a
 * crowd that is fooled makes nobody believed.
 */
import { chanceOf, type Records } from './records.ts';
import type { DriftState } from './words.ts';

/** e^6: one false alarm in four hundred observations at worst, and far fewer as the rates lie apart. */
const ALARM = 6;
/** Of checked outcomes there are fewer, and each alarm costs a retest. */
const ALARM_CHECKED = 8;
/** What a changed agent's rate is taken to have fallen to, of what it was. */
const FALLEN = 0.12;
/** Below so many observations its usual rate is not known. */
const FEW_TRIES = 15;
const HALF_LIFE_TRIES = 400;
/** Checked outcomes before it may come back; as many again for every time it was suspended before. */
const RETEST = 8;
/** After so many times more it is taken for another agent, and begins anew with what it did since. */
const FORGET = 4;
/** It comes back when it does as well as before, less this. */
const SLACK = 0.2;

export function newDrift(): DriftState {
  return { hits: 0, tries: 0, sum: 0, sumChecked: 0, times: 0 };
}

/** It agreed, or not, with what the others were sure of. */
export function noteAgreement(drift: DriftState, agreed: boolean, p: number): void {
  if (drift.since !== undefined) return;
  if (drift.tries >= FEW_TRIES) {
    const rate = clampRate((drift.hits + 1) / (drift.tries + 2));
    drift.sum = Math.max(0, drift.sum + ratio(agreed, rate));
    if (drift.sum > ALARM) return suspend(drift, p);
  }
  const keep = 0.5 ** (1 / HALF_LIFE_TRIES);
  drift.hits = drift.hits * keep + (agreed ? 1 : 0);
  drift.tries = drift.tries * keep + 1;
}

/** `another`: its record from before says nothing of it any more. */
export function noteChecked(
  drift: DriftState,
  right: boolean,
  records: Records,
  agent: string,
  skill: string,
): 'same' | 'back' | 'another' {
  const a = records.agents.indexOf(agent);
  if (drift.since !== undefined) {
    drift.since.n++;
    if (right) drift.since.right++;
    const { p, right: good, n } = drift.since;
    const needed = RETEST * drift.times;
    const asBefore = n >= needed && (good + 1) / (n + 2) >= p - SLACK;
    if (!asBefore && n < FORGET * needed) return 'same';
    const { times } = drift;
    Object.assign(drift, newDrift(), { times });
    delete drift.since;
    return asBefore ? 'back' : 'another';
  }
  if (a < 0 || records.all[a]! < FEW_TRIES) return 'same';
  const p = chanceOf(records, a, skill);
  drift.sumChecked = Math.max(0, drift.sumChecked + ratio(right, clampRate(p)));
  if (drift.sumChecked > ALARM_CHECKED) suspend(drift, p);
  return 'same';
}

export function suspend(drift: DriftState, p: number): void {
  drift.since = { p, right: 0, n: 0 };
  drift.times++;
  drift.sum = 0;
  drift.sumChecked = 0;
}

function ratio(hit: boolean, rate: number): number {
  const fallen = rate * FALLEN;
  return hit ? Math.log(fallen / rate) : Math.log((1 - fallen) / (1 - rate));
}

function clampRate(rate: number): number {
  return Math.min(0.97, Math.max(0.2, rate));
}
