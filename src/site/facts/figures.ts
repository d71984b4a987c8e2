/**
 * The figures of one agent at one skill: a fold of observations in constant space. Everything in it is a sum, so
 * the figures of several workers add up; the past is halved now and then, so that they follow a drift.
 */
import { isItsFault, type Observation } from './observation.ts';
import { addCounts, count, newSpread, quantileMs, scale, type Spread } from './spread.ts';

export interface Figures {
  /** Ended tries, weighted. */
  tries: number;
  answered: number;
  censored: number;
  /** Failures by code. */
  faults: Record<string, number>;
  spread: Spread;
  /** Money said or charged, over so many tries that said it. */
  money: number;
  priced: number;
  late: number;
  lastMs: number;
}

/** What others read of them. */
export interface FigureView {
  tries: number;
  /** Of the tries that ended, those with an answer; 0 to 1. */
  success: number;
  p50Ms?: number;
  p95Ms?: number;
  /** Mean money a try cost. */
  money?: number;
  censored: number;
  faults: Readonly<Record<string, number>>;
  lastMs: number;
}

/** At so many tries the past is halved: recent hundreds count, an agent that got better is forgiven. */
export const HALVE_AT = 512;
/** Codes are from one table, which is longer than what one agent ever shows. */
const MAX_CODES = 16;

export function newFigures(): Figures {
  return {
    tries: 0,
    answered: 0,
    censored: 0,
    faults: {},
    spread: newSpread(),
    money: 0,
    priced: 0,
    late: 0,
    lastMs: 0,
  };
}

export function foldFigures(f: Figures, o: Observation): void {
  if (o.atMs > f.lastMs) f.lastMs = o.atMs;
  if (o.cost?.money !== undefined) {
    f.money += o.cost.money;
    f.priced++;
  }
  if (o.late === true) f.late++;
  if (o.end === 'censored') {
    f.censored++;
    count(f.spread.cut, o.latencyMs);
  } else if (o.end === 'answered') {
    f.tries++;
    f.answered++;
    count(f.spread.done, o.latencyMs);
  } else if (isItsFault(o.code)) {
    f.tries++;
    const code = o.code ?? 'agent.failed';
    if (f.faults[code] !== undefined || Object.keys(f.faults).length < MAX_CODES)
      f.faults[code] = (f.faults[code] ?? 0) + 1;
    // A failure says how long a call takes only where time was what it failed for.
    if (code === 'step.timeout') count(f.spread.cut, o.latencyMs);
  }
  if (f.tries + f.censored >= HALVE_AT) halve(f);
}

function halve(f: Figures): void {
  f.tries /= 2;
  f.answered /= 2;
  f.censored /= 2;
  f.money /= 2;
  f.priced /= 2;
  f.late /= 2;
  for (const code of Object.keys(f.faults)) f.faults[code]! /= 2;
  scale(f.spread.done, 0.5);
  scale(f.spread.cut, 0.5);
}

export function addFigures(into: Figures, from: Figures): void {
  into.tries += from.tries;
  into.answered += from.answered;
  into.censored += from.censored;
  into.money += from.money;
  into.priced += from.priced;
  into.late += from.late;
  into.lastMs = Math.max(into.lastMs, from.lastMs);
  for (const [code, n] of Object.entries(from.faults)) into.faults[code] = (into.faults[code] ?? 0) + n;
  addCounts(into.spread.done, from.spread.done);
  addCounts(into.spread.cut, from.spread.cut);
}

export function viewOf(f: Figures): FigureView {
  return {
    tries: f.tries,
    success: f.tries === 0 ? 1 : f.answered / f.tries,
    p50Ms: quantileMs(f.spread, 0.5),
    p95Ms: quantileMs(f.spread, 0.95),
    money: f.priced === 0 ? undefined : f.money / f.priced,
    censored: f.censored,
    faults: f.faults,
    lastMs: f.lastMs,
  };
}
