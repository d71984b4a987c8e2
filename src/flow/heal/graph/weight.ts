/**
 * What a call weighs when ways are compared: its price, its time, and how likely it must be made again, by what the site
 * had measured when it named the candidates and what this run's own calls say since.
 */
import {
  type Candidate,
  goalSkill,
  latelyOf,
  type RunState,
  type StepSpec,
  type StepState,
} from '../../../model/index.ts';

/** Every call costs something, so that of two free ways the shorter is taken. */
const CALL = 0.001;
/** What a second of waiting weighs against money. */
const PER_SECOND = 0.001;
/** A rate that is nearly used up makes a call up to this many times dearer. */
const LIMITED_FACTOR = 5;
/** One that never answered well is not infinitely dear: it may be the only way. */
const LEAST_RELIABILITY = 0.01;
/** The site's figures count as much as so many calls of this run: who has changed loses its place within a few. */
const SITE_COUNTS = 3;

/** What a call at this candidate is taken to cost, last and come to. */
export interface Measured {
  /** Undefined: neither measured nor named. */
  money?: number;
  timeMs: number;
  reliability: number;
  limited: number;
}

export function measuredOf(state: RunState, step: StepState, candidate: Candidate): Measured {
  const { health, money = candidate.price?.money, p50Ms } = candidate;
  const site: Measured = {
    money,
    timeMs: p50Ms ?? step.spec.takesMs ?? 0,
    reliability: health?.reliability ?? 1,
    limited: health?.limited ?? 0,
  };
  const own = state.lately === undefined ? undefined : latelyOf(state, goalSkill(step, step.lesser), candidate.agent);
  if (own === undefined) return site;
  return {
    money: mixed(money, own.money, own.priced),
    timeMs: mixed(p50Ms, own.ms, own.timed) ?? site.timeMs,
    reliability: mixed(site.reliability, own.well, own.calls) ?? 1,
    limited: mixed(site.limited, own.busy, own.calls) ?? 0,
  };
}

function mixed(site: number | undefined, sum: number, count: number): number | undefined {
  if (count === 0) return site;
  return site === undefined ? sum / count : (SITE_COUNTS * site + sum) / (SITE_COUNTS + count);
}

/** What the author says a call costs stands for its price; who has come dearer than its price is so much dearer. */
export function weightOf(measured: Measured, candidate: Candidate, spec: StepSpec): number {
  const { money, timeMs, reliability, limited } = measured;
  const price = candidate.price?.money ?? 0;
  const over = money !== undefined && price > 0 ? Math.max(1, money / price) : 1;
  const own = spec.cost === undefined ? (money ?? spec.ceiling?.money ?? 0) + CALL : spec.cost * over;
  const dear = 1 + LIMITED_FACTOR * limited;
  return ((own + (PER_SECOND * timeMs) / 1000) * dear) / Math.max(LEAST_RELIABILITY, reliability);
}
