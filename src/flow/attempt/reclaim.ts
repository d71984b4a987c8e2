/** Attempt: a worker has taken the run over. */
import { type AttemptState, type Deciding, emit, faultData, hasChildOut, type StepState } from '../../model/index.ts';
import { childRun } from './begin.ts';
import { askAgain } from './call.ts';
import { reconcile, repeatable } from './unknown.ts';
import { waits } from './waits.ts';

/** A worker has taken the run: everything volatile starts again. */
export function reclaim(d: Deciding): void {
  // Facts of the site may have changed while nobody held the run. Until the answer those known count.
  for (const skill of d.state.skills.keys()) d.commands.push({ do: 'findCandidates', skill });
  for (const step of d.state.steps.values()) {
    const child = childRun(d.state, step);
    if (step.settledSeq !== 0 && hasChildOut(step) && step.child === child)
      d.commands.push({ do: 'findChild', step: step.id, run: child });
    for (const attempt of step.attempts ?? []) {
      if (attempt.status === 'unknown') reconcile(d, step, attempt);
      if (attempt.status !== 'open') continue;
      if (repeatable(attempt)) {
        if (step.settledSeq === 0) again(d, step, attempt);
        else emit(d, { type: 'attempt.ended', step: step.id, n: attempt.n, cost: attempt.held, late: true });
        continue;
      }
      emit(d, { type: 'effect.unknown', step: step.id, n: attempt.n, why: 'claim' });
      reconcile(d, step, attempt);
    }
  }
  for (const id of d.state.open) {
    const step = d.state.steps.get(id)!;
    if (waits(d, step) || d.todo.some((todo) => todo.to === 'begin' && todo.step === id)) continue;
    // The code asks for its own functions and loops again; timers, signals and gates are letters.
    const again =
      d.state.plan !== undefined
        ? ['code', 'ask', 'effect', 'plan', 'workflow']
        : ['ask', 'effect', 'plan', 'workflow'];
    if (again.includes(step.kind))
      d.todo.push({ to: 'begin', step: id, why: step.tries === undefined ? undefined : 'again' });
  }
}

/** A paid call of which nothing came back stays charged, so asking again is an attempt of its own. */
function again(d: Deciding, step: StepState, attempt: AttemptState): void {
  if (attempt.effect !== 'pure' || attempt.held?.money === undefined) return askAgain(d, step, attempt);
  const fault = faultData('agent.lost', `the worker that asked '${attempt.agent}' is gone`, 'same');
  emit(d, { type: 'attempt.ended', step: step.id, n: attempt.n, fault, cost: attempt.held });
  d.todo.push({ to: 'begin', step: step.id, why: 'again', agent: attempt.agent });
}
