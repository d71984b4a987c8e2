/** Whether something else than a worker must move an open call: the code, a person, a budget, a retry's time, an answer. */
import { type Deciding, hasCallOut, type StepState } from '../../model/index.ts';

export function waits(d: Deciding, step: StepState): boolean {
  if (step.asleep || step.driftHash !== undefined || hasCallOut(step)) return true;
  if (step.at === 'gated' || step.at === 'budget' || step.at === 'person' || step.at === 'drifted') return true;
  if (d.state.timers.size === 0) return false;
  // The author may have named another agent since: that one need not wait.
  const only = step.lesser === undefined ? step.spec.agent : undefined;
  const prefix = `retry|${step.id}|`;
  for (const id of d.state.timers.keys())
    if (id.startsWith(prefix) && (only === undefined || id === prefix + only)) return true;
  return false;
}
