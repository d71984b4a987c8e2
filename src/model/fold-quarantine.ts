/** Whether a run gets anywhere: what counts as a step ahead since it was last taken over. */
import type { Event, EventType } from './events.ts';
import type { RunState } from './state.ts';

/** What a take-over writes by itself (intents, facts, calls lost with a worker) is none: it comes each time anew. */
const AHEAD: ReadonlySet<EventType> = new Set<EventType>([
  'run.rested',
  'run.ending',
  'run.ended',
  // Other words on what is to be done: the next worker may fare better with them.
  'run.planned',
  'step.settled',
  'step.skipped',
  'step.demoted',
  'attempt.ended',
  'effect.reconciled',
  'agree.verdict',
  'branch.ended',
  'loop.turned',
  'plan.grafted',
  'child.ended',
  'signal.received',
  'gate.answered',
  'drift.answered',
  'undo.ended',
  'budget.heard',
  'budget.answered',
]);

export function isProgress(event: Event): boolean {
  if (!AHEAD.has(event.type)) return false;
  if (event.type !== 'attempt.ended') return true;
  return event.gone !== true && event.late !== true && event.unasked === undefined;
}

/** It may go on, or is to end: what was counted is over. */
export function foldFreed(state: RunState): void {
  state.quarantine = undefined;
  state.claims = undefined;
}
