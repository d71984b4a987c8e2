/** Budgets shared down the tree of runs. */
import { addAmounts, subtractAmounts } from './amounts.ts';
import type { EventOf } from './events.ts';
import { grown, type RunState } from './state.ts';

type BudgetEvent = EventOf<
  'child.started' | 'child.ended' | 'budget.wanted' | 'budget.heard' | 'budget.answered' | 'budget.overrun'
>;

export function foldBudget(state: RunState, event: BudgetEvent): void {
  const { budget } = state;
  switch (event.type) {
    case 'child.started': {
      const step = state.steps.get(event.step);
      if (step !== undefined) {
        step.child = event.run;
        step.at = 'working';
        step.childHeld = event.held;
      }
      if (event.held !== undefined) budget.held = addAmounts(budget.held, event.held);
      return;
    }
    case 'child.ended': {
      const step = state.steps.get(event.step);
      const lent = budget.lent.get(event.run);
      if (lent !== undefined) {
        budget.held = subtractAmounts(budget.held, lent);
        budget.lent.delete(event.run);
      }
      if (event.spent !== undefined) budget.spent = addAmounts(budget.spent, event.spent);
      if (step === undefined) return;
      if (step.childHeld !== undefined) {
        budget.held = subtractAmounts(budget.held, step.childHeld);
        step.childHeld = undefined;
      }
      if (event.next !== undefined) step.child = event.next;
      return;
    }
    case 'budget.wanted': {
      (budget.wants = grown(budget.wants)).set(event.id, {
        amounts: event.amounts,
        step: event.step,
        child: event.child,
      });
      const step = event.step === undefined ? undefined : state.steps.get(event.step);
      if (step !== undefined) step.at = 'budget';
      return;
    }
    case 'budget.heard': {
      const want = budget.wants.get(event.id);
      budget.wants.delete(event.id);
      if (event.granted !== undefined) budget.limit = addAmounts(budget.limit ?? {}, event.granted);
      if (want?.step !== undefined) {
        const step = state.steps.get(want.step);
        if (step?.at === 'budget') step.at = 'asked';
      }
      return;
    }
    case 'budget.answered':
      if (event.granted !== undefined) {
        (budget.lent = grown(budget.lent)).set(
          event.child,
          addAmounts(budget.lent.get(event.child) ?? {}, event.granted),
        );
        budget.held = addAmounts(budget.held, event.granted);
      }
      return;
    case 'budget.overrun':
      return;
  }
}
