/** How a run comes to its end. */
import { allSpent } from './amounts.ts';
import type { EventOf } from './events.ts';
import { foldFreed } from './fold-quarantine.ts';
import type { RunState } from './state.ts';

export function foldEnd(state: RunState, event: EventOf<'run.cancelling' | 'run.ending' | 'run.ended'>): void {
  switch (event.type) {
    case 'run.cancelling':
      foldFreed(state);
      state.cancelling = { by: event.by, reason: event.reason, why: event.why };
      return;
    case 'run.ending':
      foldFreed(state);
      state.phase = 'ending';
      state.outcome = event.outcome;
      state.fault = event.fault;
      if (state.next !== undefined && event.next === undefined)
        state.unbegun = { run: state.next, told: allSpent(state) };
      state.next = event.next;
      state.forking = event.fork;
      state.output = event.data;
      state.outputLabels = event.labels;
      return;
    case 'run.ended':
      state.phase = 'ended';
      state.outcome = event.outcome;
      state.fault = event.fault ?? state.fault;
      state.next = event.next ?? state.next;
      if (event.data !== undefined) state.output = event.data;
      state.outputLabels = event.labels ?? state.outputLabels;
      state.budget.spent = event.spent ?? state.budget.spent;
      state.budget.held = {};
      return;
  }
}
