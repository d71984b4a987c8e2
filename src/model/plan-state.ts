/**
 * What a run remembers of its plan: how many steps of each scope are settled. Everything else about a
 * scope (its items, turns, what is carried) stands in the step that made it.
 */
import { scopeOf } from '../base/index.ts';
import { grown, type RunState, type StepState } from './state.ts';

/** Whether `decide` says when this step is asked (a plan, a declared way), and not the code. */
export function isScheduled(state: RunState, id: string): boolean {
  if (state.plan !== undefined) return true;
  if (state.hasWays !== true) return false;
  for (let scope = scopeOf(id); scope !== ''; scope = scopeOf(scope))
    if (state.steps.get(scope)?.graft !== undefined) return true;
  return false;
}

/** `by` is 1 when a step of a data workflow settled, -1 when one that had settled is taken away. */
export function countSettled(state: RunState, id: string, by: 1 | -1): void {
  if (!isScheduled(state, id)) return;
  const scope = scopeOf(id);
  const count = (state.settledIn.get(scope) ?? 0) + by;
  if (count === 0) state.settledIn.delete(scope);
  else (state.settledIn = grown(state.settledIn)).set(scope, count);
}

/** A step that could never run, without having been asked. */
export function skippedStep(state: RunState, id: string, kind: StepState['kind']): StepState {
  return { id, kind, hash: '', spec: {}, at: 'asked', askedAt: state.at, settledSeq: 0 };
}

/** The step that a scope stands inside of: a grafted plan's scope is the step itself, else `step/branch`. */
export function aroundOf(state: RunState, scope: string): StepState | undefined {
  const step = state.steps.get(scope);
  return step?.kind === 'plan' || step?.graft !== undefined ? step : state.steps.get(scopeOf(scope));
}
