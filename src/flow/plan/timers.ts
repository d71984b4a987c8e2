/** Plan: a step that ends, or is asked anew, takes its wake-ups with it. */
import { type Deciding, isTimerOf, type StepState, withdrawTimer } from '../../model/index.ts';

export function clearTimers(d: Deciding, step: StepState): void {
  if ((step.kind === 'wait' || step.kind === 'gate' || step.kind === 'signal') && step.dueMs !== undefined)
    withdrawTimer(d, `wait|${step.id}`);
  if (d.state.timers.size === 0) return;
  for (const id of d.state.timers.keys()) if (isTimerOf(id, step.id)) withdrawTimer(d, id);
}
