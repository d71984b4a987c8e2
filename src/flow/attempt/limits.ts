/** How long, and how often. */
import { type AttemptState, type Deciding, deadlineOf, type RunState, type StepState } from '../../model/index.ts';

/** Tries at one agent before its turn is over, when the fault allows the same again. */
export const DEFAULT_TRIES = 3;

export function mayTryAgain(step: StepState, attempt: AttemptState): boolean {
  return tries(step, attempt) < (step.spec.retry?.tries ?? DEFAULT_TRIES);
}

/** Attempts at the agent of this one, for the same goal. Those that died with their worker are not its fault. */
export function tries(step: StepState, attempt: AttemptState): number {
  const same = step.attempts?.filter(
    (a) => a.agent === attempt.agent && a.lesser === attempt.lesser && !diedWithWorker(a),
  );
  return same?.length ?? 0;
}

/**
 * Of a call whose worker was lost nothing came back; it is made again where it was made. An agent's own word that it
 * was lost is none of that: it would be asked for ever.
 */
export function diedWithWorker(attempt: AttemptState): boolean {
  return attempt.gone === true;
}

export function stepTimeLeft(d: Deciding, step: StepState): boolean {
  const until = deadlineOf(d.state, step);
  return until === undefined || d.at < until;
}

/** Local code that says nothing of how long it takes: longer than a call may, for it is ours, but not for ever. */
export const DEFAULT_CODE_MS = 600_000;

/** How long the local function of a step still has. */
export function codeMs(state: RunState, id: string, nowMs: number): number {
  const step = state.steps.get(id);
  if (step === undefined) return DEFAULT_CODE_MS;
  const until = deadlineOf(state, step) ?? Infinity;
  return Math.max(0, Math.min(step.spec.timeoutMs ?? DEFAULT_CODE_MS, until - nowMs));
}
