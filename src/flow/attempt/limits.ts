/** How long, and how often. */
import { type AttemptState, type Deciding, deadlineOf, type RunState, type StepState } from '../../model/index.ts';

/** Tries at one agent before its turn is over, when the fault allows the same again. */
export const DEFAULT_TRIES = 3;

/** Put off for an agent's rate, a call comes back when a minute is over. So many minutes on, the rate is too low for the work. */
const MAX_PUT_OFF = 64;

export function mayTryAgain(step: StepState, attempt: AttemptState): boolean {
  const putOff = alike(step, attempt).filter((a) => a.unasked === 'rate').length;
  return putOff < MAX_PUT_OFF && tries(step, attempt) < (step.spec.retry?.tries ?? DEFAULT_TRIES);
}

/**
 * Attempts at the agent of this one, for the same goal. Those that died with their worker are not its fault, and a rate that
 * is used up is nobody's. That it is left in peace or had no place counts: a step is not to wait for ever for who does not get
 * well, or free.
 */
export function tries(step: StepState, attempt: AttemptState): number {
  return alike(step, attempt).filter((a) => !diedWithWorker(a) && a.unasked !== 'rate').length;
}

function alike({ attempts = [] }: StepState, { agent, lesser }: AttemptState): AttemptState[] {
  return attempts.filter((a) => a.agent === agent && a.lesser === lesser);
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
