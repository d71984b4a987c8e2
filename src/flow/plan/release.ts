/** Plan: results go to the code, composites open to it, timers keep their step's name. */
import { isOfStep } from '../../base/index.ts';
import { type Deciding, isScheduled, sendTimer, type StepState, withdrawTimer } from '../../model/index.ts';

/** Gives the result of a settled step again; not while a person decides on its drift. */
export function release(d: Deciding, step: StepState): void {
  if (isScheduled(d.state, step.id) || step.driftHash !== undefined) return;
  d.commands.push({
    do: 'release',
    step: step.id,
    seq: step.settledSeq,
    out: step.out ?? 'cancelled',
    data: step.output,
    fault: step.fault,
  });
}

/** The code may run what is inside: from this turn, but for these branches. */
export function openComposite(d: Deciding, step: StepState): void {
  d.commands.push({
    do: 'open',
    step: step.id,
    turn: step.turn ?? 0,
    data: (step.turn ?? 0) > 0 ? step.carry : step.input,
    done: step.branches === undefined ? undefined : [...step.branches.keys()],
  });
}

/** The timers of a step and of what is inside of it follow its new name. */
export function rearmRenamed(d: Deciding, id: string, was: string): void {
  for (const open of d.state.open) if (isOfStep(open, id)) rearm(d, open, was + open.slice(id.length));
  for (const [timer, dueMs] of d.state.timers) {
    const [kind, step = '', ...rest] = timer.split('|');
    if (!isOfStep(step, id)) continue;
    withdrawTimer(d, [kind, was + step.slice(id.length), ...rest].join('|'));
    sendTimer(d, timer, dueMs);
  }
}

/** What an open step waits for is set anew: it was renamed, or is due at another time. */
export function rearm(d: Deciding, id: string, was = id): void {
  const step = d.state.steps.get(id);
  if (step?.kind !== 'wait' && step?.kind !== 'gate' && step?.kind !== 'signal') return;
  withdrawTimer(d, `wait|${was}`);
  if (step.dueMs !== undefined) sendTimer(d, `wait|${id}`, step.dueMs);
}
