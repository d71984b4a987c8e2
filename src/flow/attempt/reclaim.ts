/** Attempt: a worker has taken the run over. */
import { type Deciding, emit } from '../../model/index.ts';
import { askAgain } from './call.ts';
import { reconcile, repeatable } from './unknown.ts';
import { waits } from './waits.ts';

/** A worker has taken the run: everything volatile starts again. */
export function reclaim(d: Deciding): void {
  for (const step of d.state.steps.values()) {
    for (const attempt of step.attempts ?? []) {
      if (attempt.status === 'unknown') reconcile(d, step, attempt);
      if (attempt.status !== 'open') continue;
      if (repeatable(attempt)) {
        if (step.settledSeq === 0) askAgain(d, step, attempt);
        else emit(d, { type: 'attempt.ended', step: step.id, n: attempt.n, cost: attempt.held, late: true });
        continue;
      }
      emit(d, { type: 'effect.unknown', step: step.id, n: attempt.n, why: 'claim' });
      reconcile(d, step, attempt);
    }
  }
  for (const id of d.state.open) {
    const step = d.state.steps.get(id)!;
    if (waits(d, step)) continue;
    // The code asks for its own functions and loops again; timers, signals and gates are letters.
    const again =
      d.state.plan !== undefined
        ? ['code', 'ask', 'effect', 'plan', 'workflow']
        : ['ask', 'effect', 'plan', 'workflow'];
    if (again.includes(step.kind))
      d.todo.push({ to: 'begin', step: id, why: step.tries === undefined ? undefined : 'again' });
  }
}
