/**
 * Attempt: a worker has taken the run over, and everything volatile starts again. In workflows as code
 * an open step goes on only when the code asks for it again (plan/asked.ts, I5).
 */
import { type AttemptState, type Deciding, emit, faultData, type StepState } from '../../model/index.ts';
import { askAgain } from './call.ts';
import { isOut, waits } from './limits.ts';
import { reconcile, repeatable } from './unknown.ts';

export function reclaim(d: Deciding): void {
  const asCode = d.state.plan === undefined;
  for (const step of d.state.steps.values()) {
    for (const attempt of step.attempts ?? []) {
      if (attempt.status === 'open' && !repeatable(attempt))
        emit(d, { type: 'effect.unknown', step: step.id, n: attempt.n, why: 'claim' });
      if (step.settledSeq !== 0) hearOut(d, step, attempt);
      else if (!asCode) goOn(d, step, attempt);
    }
  }
  if (asCode) return;
  for (const id of d.state.open) {
    const step = d.state.steps.get(id)!;
    if (isOut(step) || waits(d, step)) continue;
    // Timers, signals and gates are letters.
    if (['code', 'ask', 'effect', 'plan', 'workflow'].includes(step.kind)) beginAgain(d, step);
  }
}

/** The code asks again for a step that was open. While its drift is open, only what is unknown is found out. */
export function resume(d: Deciding, step: StepState): void {
  const drifted = step.driftHash !== undefined || step.settledSeq !== 0;
  for (const attempt of step.attempts ?? []) {
    if (drifted && attempt.status !== 'unknown') continue;
    if (elsewhereNow(step, attempt)) lose(d, step, attempt, 'another agent is asked for now');
    else goOn(d, step, attempt);
  }
  if (!drifted && !isOut(step) && !waits(d, step)) beginAgain(d, step);
}

function goOn(d: Deciding, step: StepState, attempt: AttemptState): void {
  if (attempt.status === 'unknown') reconcile(d, step, attempt);
  else if (attempt.status === 'open') askAgain(d, step, attempt);
}

/** Nobody waits for this step any more: what may have happened is found out, the rest is let go. */
export function hearOut(d: Deciding, step: StepState, attempt: AttemptState): void {
  if (attempt.status === 'unknown') reconcile(d, step, attempt);
  else if (attempt.status === 'open') lose(d, step, attempt, 'its worker was lost, and nobody waits for it');
}

function lose(d: Deciding, step: StepState, attempt: AttemptState, why: string): void {
  const fault = faultData('step.cancelled', why);
  emit(d, { type: 'attempt.ended', step: step.id, n: attempt.n, cost: attempt.held, late: true, fault });
}

function beginAgain(d: Deciding, step: StepState): void {
  d.todo.push({ to: 'begin', step: step.id, why: step.tries === undefined ? undefined : 'again' });
}

/** The author has named another agent since; a pure call may move there. */
function elsewhereNow(step: StepState, attempt: AttemptState): boolean {
  if (attempt.status !== 'open' || attempt.effect !== 'pure' || attempt.lesser !== undefined) return false;
  return step.spec.agent !== undefined && step.spec.agent !== attempt.agent;
}
