/**
 * Attempt: a worker has taken the run over, and everything volatile starts again. In workflows as code
 * an open step goes on only when the code asks for it again (plan/asked.ts, I6).
 */
import { isWithin } from '../../base/index.ts';
import {
  type AttemptState,
  type Deciding,
  emit,
  faultData,
  hasCallOut,
  hasChildOut,
  type StepState,
} from '../../model/index.ts';
import { isVolatile } from './begin.ts';
import { askAgain } from './call.ts';
import { childRun } from './child.ts';
import { after } from './found.ts';
import { reconcile, repeatable } from './unknown.ts';
import { waits } from './waits.ts';

export function reclaim(d: Deciding): void {
  const asCode = d.state.plan === undefined;
  // Facts of the site may have changed while nobody held the run. Until the answer those known count.
  for (const skill of d.state.skills.keys()) d.commands.push({ do: 'findCandidates', skill });
  for (const id of d.state.open) {
    const view = d.state.steps.get(id)?.view;
    if (view !== undefined) d.commands.push({ do: 'findCandidates', skill: view.skill, step: id });
  }
  for (const step of d.state.steps.values()) {
    if (step.settledSeq !== 0 && hasChildOut(step) && step.child === childRun(d.state, step))
      d.commands.push({ do: 'findChild', step: step.id, run: step.child });
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
    if (waits(d, step) || isToBegin(d, id) || !isVolatile(step)) continue;
    d.todo.push({ to: 'begin', step: id, ...after(step) });
  }
}

/** The code asks again for a step that was open. While its drift is open, only what is unknown is found out. */
export function resume(d: Deciding, step: StepState): void {
  if (step.graft !== undefined)
    for (const id of d.state.open) {
      const inner = d.state.steps.get(id)!;
      if (isWithin(id, step.id) && isVolatile(inner)) resume(d, inner);
    }
  const drifted = step.driftHash !== undefined || step.settledSeq !== 0;
  for (const attempt of step.attempts ?? []) {
    if (drifted && attempt.status !== 'unknown') continue;
    if (elsewhereNow(step, attempt)) lose(d, step, attempt, 'another agent is asked for now');
    else goOn(d, step, attempt);
  }
  if (drifted || hasCallOut(step) || waits(d, step) || isToBegin(d, step.id)) return;
  d.todo.push({ to: 'begin', step: step.id, ...after(step) });
}

function goOn(d: Deciding, step: StepState, attempt: AttemptState): void {
  if (attempt.status === 'unknown') reconcile(d, step, attempt);
  else if (attempt.status === 'open') again(d, step, attempt);
}

/** A call under a budget of which nothing came back stays charged, so asking again is an attempt of its own. */
function again(d: Deciding, step: StepState, attempt: AttemptState): void {
  if (attempt.effect !== 'pure' || attempt.held === undefined) return askAgain(d, step, attempt);
  const fault = faultData('agent.lost', `the worker that asked '${attempt.agent}' is gone`, 'same');
  emit(d, { type: 'attempt.ended', step: step.id, n: attempt.n, fault, cost: attempt.held, gone: true });
  d.todo.push({ to: 'begin', step: step.id, why: 'again', agent: attempt.agent });
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

function isToBegin(d: Deciding, id: string): boolean {
  return d.todo.some((todo) => todo.to === 'begin' && todo.step === id);
}

/** The author has named another agent since; a pure call may move there. */
function elsewhereNow(step: StepState, attempt: AttemptState): boolean {
  if (attempt.status !== 'open' || attempt.effect !== 'pure' || attempt.lesser !== undefined) return false;
  return step.spec.agent !== undefined && step.spec.agent !== attempt.agent;
}
