/** What a step has to pass before it acts. */
import { scopeOf } from '../base/index.ts';
import { aroundOf } from './plan-state.ts';
import type { RunState, StepState } from './state.ts';
import type { StepSpec } from './words.ts';

/** Its own gate or right; in a declared way that of the step whose way it is: whichever way that goes, it acts with the same word. */
export function passOf(state: RunState, step: StepState): Pick<StepSpec, 'gate' | 'right'> {
  if (step.kind === 'gate') return step.spec;
  for (let at: StepState | undefined = step; at !== undefined; at = aroundOf(state, scopeOf(at.id))) {
    const { gate, right } = at.spec;
    if ((at === step || at.way !== undefined) && (gate ?? right) !== undefined) return { gate, right };
  }
  return {};
}
