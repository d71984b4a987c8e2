/** What binds a step: the deadlines that it stands under, and what its run's budget can still hold. */
import { scopeOf } from '../base/index.ts';
import { addAmounts, DIMENSIONS, overrun } from './amounts.ts';
import { aroundOf } from './plan-state.ts';
import type { RunState, StepState } from './state.ts';
import type { Amounts } from './words.ts';

/** The earliest that binds this step: the run's, its own, or one of a step that it stands inside of. */
export function deadlineOf(state: RunState, step: StepState): number | undefined {
  let until = state.deadlineMs;
  for (let at: StepState | undefined = step; at !== undefined; at = aroundOf(state, scopeOf(at.id)))
    until = earliest(until, ownDeadline(at));
  return until;
}

export function ownDeadline(step: StepState): number | undefined {
  return step.spec.deadlineMs === undefined ? undefined : step.askedAt + step.spec.deadlineMs;
}

/** The earlier of two moments, where each may be missing. */
export function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}

/** What the budget lacks to hold this much more; undefined when it fits. */
export function lacking(d: { state: RunState }, more: Amounts): Amounts | undefined {
  const { limit, spent, held } = d.state.budget;
  if (limit === undefined) return undefined;
  return overrun(addAmounts(addAmounts(spent, held), more), limit);
}

/** Whether all of this may be drawn from our parent's budget. */
export function canDraw(d: { state: RunState }, over: Amounts): boolean {
  const { draws, drawn } = d.state.budget;
  if (!draws || d.state.parent === undefined) return false;
  return drawn === undefined || DIMENSIONS.every((one) => over[one] === undefined || drawn.includes(one));
}
