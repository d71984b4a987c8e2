/** What a call weighs when ways are compared: its price, its time, and how likely it must be made again. */
import type { Candidate, StepSpec } from '../../../model/index.ts';

/** Every call costs something, so that of two free ways the shorter is taken. */
const CALL = 0.001;
/** What a second of waiting weighs against money. */
const PER_SECOND = 0.001;
/** A rate that is nearly used up makes a call up to this many times dearer. */
const LIMITED_FACTOR = 5;
/** One that never answered well is not infinitely dear: it may be the only way. */
const LEAST_RELIABILITY = 0.01;

export function weightOf(candidate: Candidate, spec: StepSpec | undefined): number {
  const { health } = candidate;
  const money = candidate.money ?? candidate.price?.money ?? spec?.ceiling?.money ?? 0;
  const own = spec?.cost ?? money + CALL + (PER_SECOND * typicalMs(candidate, spec)) / 1000;
  const dear = 1 + LIMITED_FACTOR * (health?.limited ?? 0);
  return (own * dear) / Math.max(LEAST_RELIABILITY, health?.reliability ?? 1);
}

/** The site's measured median, or what the author says. */
export function typicalMs(candidate: Candidate, spec: StepSpec | undefined): number {
  return candidate.p50Ms ?? spec?.takesMs ?? 0;
}
