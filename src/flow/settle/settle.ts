/** Settle: a step gets its outcome, once; what waited for it goes on. */
import { scopeOf } from '../../base/index.ts';
import {
  type Deciding,
  emit,
  faultData,
  isScheduled,
  joinLabels,
  passOf,
  sendCancel,
  type SettleWith,
  type StepState,
} from '../../model/index.ts';
import { childRun, hearOut } from '../attempt/index.ts';
import { clearTimers, graft, leaveQuestions, release } from '../plan/index.ts';

/** Runs of the first engine do not tell it: their replay is equal to the byte. */
const SILENT_ENGINE = 'skein/1';

export function settle(d: Deciding, step: StepState, how: SettleWith): void {
  const { state } = d;
  if (step.settledSeq !== 0 || graft(d, step, how)) return;
  cancelInside(d, step, 'its scope has ended');
  if (how.out === 'ok') noteHealed(d, step);
  else if (how.out === 'failed') noteLost(d, step, how.fault);
  leaveQuestions(d, step, how.out === 'failed' && step.at === 'person');
  if (how.out !== 'ok') stopAttempts(d, step, how.fault?.message ?? how.out);
  else if (step.spec.hedge === true) stopAttempts(d, step, 'another agent answered first');
  clearTimers(d, step);
  if (step.child !== undefined && how.out === 'cancelled') {
    sendCancel(d, step.child, how.fault?.message ?? 'the parent cancelled it');
    // Begun by a worker that is gone: nobody here knows whether it ever was.
    if (step.asleep === true && step.child === childRun(d.state, step))
      d.commands.push({ do: 'findChild', step: step.id, run: step.child });
  }
  emit(d, {
    type: 'step.settled',
    step: step.id,
    out: how.out,
    from: how.from,
    lesser: how.lesser,
    fault: how.fault,
    data: how.data,
    labels: isComposite(step) ? joinLabels(state.seen, how.labels) : how.labels,
  });
  release(d, step);
  if (step.kind === 'gate') wakeGated(d, step);
  if (isScheduled(state, step.id)) d.todo.push({ to: 'advance', scope: scopeOf(step.id), settled: step.id });
  if (state.phase === 'ending') d.todo.push({ to: 'end' });
}

/** What is inside of a composite as code gives may have come from anything worked in it. */
function isComposite(step: StepState): boolean {
  return step.kind === 'join' || step.kind === 'map' || step.kind === 'loop';
}

export function cancelInside(d: Deciding, step: StepState, reason: string): void {
  for (const scope of step.inside?.keys() ?? []) cancelScope(d, step, scope, reason);
}

/** Steps of this scope that are open: nobody waits for them any more. */
export function cancelScope(d: Deciding, step: StepState, scope: string, reason: string): void {
  for (const id of step.inside?.get(scope) ?? []) {
    const inner = d.state.steps.get(id);
    if (inner === undefined || inner.settledSeq !== 0) continue;
    settle(d, inner, { out: 'cancelled', fault: faultData('step.cancelled', reason) });
  }
}

/** Volatile work stops; a call with an effect is left to end, so that its outcome is known. */
function stopAttempts(d: Deciding, step: StepState, reason: string): void {
  for (const attempt of step.attempts ?? []) {
    // Nothing of it was started again since the take-over.
    if (step.asleep) hearOut(d, step, attempt);
    else if (attempt.status === 'open' && attempt.effect === 'pure') {
      d.commands.push({ do: 'stopAttempt', step: step.id, n: attempt.n, reason });
      const fault = faultData('step.cancelled', reason);
      emit(d, { type: 'attempt.ended', step: step.id, n: attempt.n, cost: attempt.held, late: true, fault });
    }
  }
}

function noteHealed(d: Deciding, step: StepState): void {
  if (step.failingSince === undefined) return;
  const failed = step.attempts?.filter((a) => a.status === 'failed') ?? [];
  const winner = step.attempts?.findLast((a) => a.status === 'answered');
  const by =
    step.at === 'person'
      ? 'person'
      : step.lesser !== undefined
        ? 'lesser'
        : step.way !== undefined && step.way >= 0
          ? 'alternative'
          : failed.length === 0
            ? 'reconciled'
            : failed.some((a) => a.agent === winner?.agent)
              ? 'retry'
              : 'elsewhere';
  emit(d, { type: 'fault.healed', step: step.id, by, tries: step.tries ?? 1, tookMs: d.at - step.failingSince });
}

/** Failed before, and ended by a gate instead of the ladder (its budget, say): what became of the failure is told all the same. */
function noteLost(d: Deciding, step: StepState, fault: SettleWith['fault']): void {
  if (step.failingSince === undefined || fault === undefined || d.state.engine === SILENT_ENGINE) return;
  const isTold = d.events.some((e) => e.type === 'fault.escalated' && e.step === step.id && e.to === 'run');
  if (!isTold) emit(d, { type: 'fault.escalated', step: step.id, to: 'run', fault, cut: [] });
}

function wakeGated(d: Deciding, gate: StepState): void {
  for (const id of d.state.open)
    if (passOf(d.state, d.state.steps.get(id)!).gate === gate.id) d.todo.push({ to: 'begin', step: id });
}
