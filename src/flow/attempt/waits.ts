/** Whether something else than a worker must move an open call: a person, a budget, a retry's time, an answer. */
import type { Deciding, StepState } from '../../model/index.ts';

export function waits(d: Deciding, step: StepState): boolean {
  if (step.at === 'gated' || step.at === 'budget' || step.at === 'person' || step.at === 'drifted') return true;
  if (step.attempts?.some((a) => a.status === 'open' || a.status === 'unknown')) return true;
  if (d.state.timers.size === 0) return false;
  for (const id of d.state.timers.keys()) if (id.startsWith(`retry|${step.id}|`)) return true;
  return false;
}
