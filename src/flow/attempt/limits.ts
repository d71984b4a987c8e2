/** Attempt: how often and how long. */
import type { AttemptState, Deciding, StepState } from '../../model/index.ts';

/** Tries at one agent before its turn is over, when the fault allows the same again. */
export const DEFAULT_TRIES = 3;

/** The earlier of two moments, where each may be missing. */
export function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}

/** Tries at the agent of this attempt so far, for the same goal. */
export function triesAt(step: StepState, attempt: AttemptState): number {
  return step.attempts?.filter((a) => a.agent === attempt.agent && a.lesser === attempt.lesser).length ?? 0;
}

/** The same agent may be asked once more. */
export function mayRetry(d: Deciding, step: StepState, attempt: AttemptState): boolean {
  return stepTimeLeft(d, step) && triesAt(step, attempt) < (step.spec.retry?.tries ?? DEFAULT_TRIES);
}

export function stepTimeLeft(d: Deciding, step: StepState): boolean {
  if (step.spec.deadlineMs !== undefined && d.at >= step.askedAt + step.spec.deadlineMs) return false;
  return d.state.deadlineMs === undefined || d.at < d.state.deadlineMs;
}

/** A call of this step is out, or may have happened. */
export function isOut(step: StepState): boolean {
  return step.attempts?.some((a) => a.status === 'open' || a.status === 'unknown') ?? false;
}

/** Something else must happen before this step may begin. */
export function waits(d: Deciding, step: StepState): boolean {
  if (step.asleep || step.driftHash !== undefined) return true;
  if (step.at === 'gated' || step.at === 'budget' || step.at === 'person' || step.at === 'drifted') return true;
  const only = step.lesser === undefined ? step.spec.agent : undefined;
  const prefix = `retry|${step.id}|`;
  for (const id of d.state.timers.keys())
    if (id.startsWith(prefix) && (only === undefined || id === prefix + only)) return true;
  return false;
}
